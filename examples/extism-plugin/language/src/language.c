// Says in x-language which of the site's languages the client prefers (Accept-Language, RFC 9110 §12.5.4).
//
// Input and output are the messages of policy.proto. They are read and written by hand here, to show how little that
// takes; a protobuf library does as well.
#include "extism.h"

enum { MAX_INPUT = 65536, MAX_TAGS = 1024, MAX_TAG = 32 };

typedef struct { const char *at; uint32_t size; } Text;

static char input[MAX_INPUT];
static char settings[MAX_TAGS];

static int equal(Text a, const char *b) {
  uint32_t i = 0;
  while (i < a.size && b[i] != 0 && a.at[i] == b[i]) i++;
  return i == a.size && b[i] == 0;
}

static int same_language(Text a, Text b) {
  if (a.size != b.size) return 0;
  for (uint32_t i = 0; i < a.size; i++) if ((a.at[i] | 32) != (b.at[i] | 32)) return 0;
  return 1;
}

// ---- protobuf: fields of a message, one after the other ----

typedef struct { const char *at; const char *end; } Message;
typedef struct { uint32_t number; Text bytes; } Field;

static uint64_t varint(Message *message) {
  uint64_t value = 0;
  for (uint32_t shift = 0; message->at < message->end && shift < 64; shift += 7) {
    uint8_t byte = (uint8_t)*message->at++;
    value |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) break;
  }
  return value;
}

// Steps to the next field; 0 at the end, and when the message is malformed.
static int next(Message *message, Field *field) {
  if (message->at >= message->end) return 0;
  uint64_t tag = varint(message);
  field->number = (uint32_t)(tag >> 3);
  field->bytes = (Text){message->at, 0};
  uint64_t size = 0;
  switch (tag & 7) {
    case 0: varint(message); return 1;
    case 1: size = 8; break;
    case 2: size = varint(message); break;
    case 5: size = 4; break;
    default: return 0;
  }
  if (size > (uint64_t)(message->end - message->at)) return 0;
  field->bytes = (Text){message->at, (uint32_t)size};
  message->at += size;
  return 1;
}

static Message message_of(Text bytes) { return (Message){bytes.at, bytes.at + bytes.size}; }

// RequestInput.request.headers: name, value, name, value. A message may come in several parts, which belong together.
static Text header(Text request_input, const char *wanted) {
  Message outer = message_of(request_input);
  Text found = {0, 0};
  Field part, field;
  while (next(&outer, &part)) {
    if (part.number != 2) continue;
    Message request = message_of(part.bytes);
    Text name = {0, 0};
    while (next(&request, &field)) {
      if (field.number != 6) continue;
      if (name.at == 0) { name = field.bytes; continue; }
      if (equal(name, wanted)) found = field.bytes;
      name = (Text){0, 0};
    }
  }
  return found;
}

// ---- the settings: {"languages":"en, de"}, a JSON object that Sluice has checked ----

static Text languages(void) {
  static const char key[] = "settings", before[] = "\"languages\":\"";
  uint64_t name = alloc(sizeof key - 1);
  for (uint32_t i = 0; i < sizeof key - 1; i++) store_u8(name + i, key[i]);
  uint64_t json = config_get(name);
  uint32_t size = json == 0 ? 0 : (uint32_t)length(json);
  if (size > sizeof settings) size = sizeof settings;
  for (uint32_t i = 0; i < size; i++) settings[i] = (char)load_u8(json + i);
  for (uint32_t i = 0; i + sizeof before - 1 < size; i++) {
    uint32_t n = 0;
    while (n < sizeof before - 1 && settings[i + n] == before[n]) n++;
    if (n < sizeof before - 1) continue;
    Text list = {settings + i + n, 0};
    while (i + n + list.size < size && list.at[list.size] != '"') list.size++;
    return list;
  }
  return (Text){0, 0};
}

// ---- lists of language tags ----

// Takes the next element of a comma-separated list. 0 at its end.
static int element(Text *list, Text *found) {
  while (list->size > 0 && (*list->at == ',' || *list->at == ' ' || *list->at == '\t')) { list->at++; list->size--; }
  *found = (Text){list->at, 0};
  while (list->size > 0 && *list->at != ',') { list->at++; list->size--; found->size++; }
  return found->size > 0;
}

// Splits "de-CH;q=0.8" into the primary tag "de" and its weight in thousandths.
static Text primary(Text element, uint32_t *weight) {
  Text tag = {element.at, 0};
  while (tag.size < element.size && tag.at[tag.size] != ';' && tag.at[tag.size] != '-' && tag.at[tag.size] != ' ') tag.size++;
  *weight = 1000;
  for (uint32_t i = tag.size; i + 2 < element.size; i++) {
    if (element.at[i] != 'q' || element.at[i + 1] != '=') continue;
    *weight = element.at[i + 2] == '1' ? 1000 : 0;
    uint32_t unit = 100;
    for (uint32_t n = i + 4; n < element.size && element.at[n] >= '0' && element.at[n] <= '9' && *weight < 1000; n++, unit /= 10)
      *weight += (uint32_t)(element.at[n] - '0') * unit;
    break;
  }
  return tag;
}

// The known language the client likes best; the first known one when it likes none of them.
static Text chosen(Text known, Text accepted) {
  Text best = {0, 0}, wish, language, rest = known;
  uint32_t best_weight = 0, weight, ignored;
  if (!element(&rest, &best)) return best;
  best = primary(best, &ignored);
  while (element(&accepted, &wish)) {
    Text tag = primary(wish, &weight);
    rest = known;
    while (weight > best_weight && element(&rest, &language)) {
      language = primary(language, &ignored);
      if (same_language(tag, language)) { best = language; best_weight = weight; }
    }
  }
  return best;
}

// ---- the verdict ----

static uint64_t put(uint64_t at, const char *bytes, uint32_t size) {
  for (uint32_t i = 0; i < size; i++) store_u8(at + i, (uint8_t)bytes[i]);
  return at + size;
}

EXPORT(on_request) int32_t on_request(void) {
  uint64_t size = input_length();
  if (size > MAX_INPUT) return 0;
  for (uint32_t i = 0; i < size; i++) input[i] = (char)input_load_u8(i);
  Text language = chosen(languages(), header((Text){input, (uint32_t)size}, "accept-language"));
  if (language.size == 0 || language.size > MAX_TAG) return 0;

  // Verdict.headers, field 2: HeaderEdit { op SET (0, not written), name, value }
  static const char name[] = "\x12\x0a" "x-language";
  uint32_t edit = sizeof name - 1 + 2 + language.size;
  uint64_t out = alloc(2 + edit), at = out;
  at = put(at, (char[]){0x12, (char)edit}, 2);
  at = put(at, name, sizeof name - 1);
  at = put(at, (char[]){0x1a, (char)language.size}, 2);
  put(at, language.at, language.size);
  output_set(out, 2 + edit);
  return 0;
}
