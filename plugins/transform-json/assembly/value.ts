import {
  ByteWriter,
  Json,
  JsonKind,
  JsonTree,
  lowerAscii,
  Part,
  pointerSteps,
  RequestView,
  ResponseView,
  Step,
  Template,
  templateMistake
} from '@sluice/plugin-sdk/assembly'
import { writeString } from '@sluice/plugin-sdk/assembly/json-text'
import { anyCount, Document, filledIn } from './places'

/** What a template's text is made into. */
enum As {
  STRING,
  NUMBER,
  BOOLEAN,
  /** A field that stands alone keeps its type. */
  KEPT
}

/** Why the last `Value.compile` failed. */
export let valueMistake = ''

/** Every template of the settings, for the check of what they read. */
export const templates: Template[] = []

/** A value of the settings: JSON whose strings are templates, taken apart once. */
@final
export class Value {
  /** The value when it has no parts. */
  private constant: JsonTree | null = null
  // Else JSON text and templates by turns: text 0, template 0, text 1 …
  private readonly texts: ByteWriter[] = [new ByteWriter(16)]
  private readonly fills: Fill[] = []

  /**
   * null when `json` cannot be taken apart; `valueMistake` says why.
   * @param as - what the text of a single template is made into; "" leaves it as it is
   * @param stars - how many "*" the operation's pointer has
   */
  static compile(json: Json, as: string, stars: i32): Value | null {
    const value = new Value()
    if (as != '' && !json.isString) {
      valueMistake = 'as is for a value that is text'
      return null
    }
    const kind = as == 'number' ? As.NUMBER : as == 'boolean' ? As.BOOLEAN : as == 'string' ? As.STRING : As.KEPT
    if (!value.take(json, kind, stars)) return null
    if (value.fills.length == 0) value.constant = treeOf(value.texts[0])
    return value
  }

  /** Whether it reads a field whose place depends on what "*" stands for. */
  get isBound(): bool {
    for (let i = 0; i < this.fills.length; i++) if (this.fills[i].isBound) return true
    return false
  }

  render(document: Document, bound: Step[], request: RequestView, response: ResponseView | null): JsonTree {
    const constant = this.constant
    if (constant !== null) return constant.copy()
    const writer = new ByteWriter()
    for (let i = 0; i < this.texts.length; i++) {
      const text = this.texts[i]
      writer.raw(text.start, text.size)
      if (i < this.fills.length) this.fills[i].write(writer, document, bound, request, response)
    }
    return treeOf(writer)
  }

  private take(json: Json, as: As, stars: i32): bool {
    const text = this.texts[this.texts.length - 1]
    if (json.isString) return this.takeText(json.asString(), as, stars)
    if (json.kind != JsonKind.ARRAY && json.kind != JsonKind.OBJECT) {
      json.write(text)
      return true
    }
    text.byte(json.isObject ? 0x7b : 0x5b)
    for (let i = 0; i < json.length; i++) {
      const more = this.texts[this.texts.length - 1]
      if (i > 0) more.byte(0x2c)
      if (json.isObject) more.text(Json.quote(json.keyAt(i)) + ':')
      if (!this.take(json.at(i), as, stars)) return false
    }
    this.texts[this.texts.length - 1].byte(json.isObject ? 0x7d : 0x5d)
    return true
  }

  private takeText(text: string, as: As, stars: i32): bool {
    const fill = Fill.compile(text, as, stars)
    if (fill === null) return false
    if (fill.isConstant) {
      fill.writeConstant(this.texts[this.texts.length - 1])
      return true
    }
    this.fills.push(fill)
    this.texts.push(new ByteWriter(16))
    return true
  }
}

/** What was written as JSON is JSON. */
function treeOf(writer: ByteWriter): JsonTree {
  const tree = JsonTree.of(writer)
  return tree === null ? JsonTree.object() : tree
}

/** One string of a value. */
@final
class Fill {
  private constructor(
    private readonly parts: Part[],
    /** For each part that is a field of the body: where it is. */
    private readonly fields: Step[][],
    private readonly as: As
  ) {}

  static compile(text: string, as: As, stars: i32): Fill | null {
    const template = Template.compile(text, 'body')
    if (template === null) {
      valueMistake = templateMistake
      return null
    }
    templates.push(template)
    const fields: Step[][] = []
    for (let i = 0; i < template.parts.length; i++) {
      const part = template.parts[i]
      const steps = part.isOwn ? pointerSteps(part.name) : []
      if (steps === null) {
        valueMistake = '{body.' + part.name + '} needs a JSON pointer, such as {body./id}'
        return null
      }
      if (anyCount(steps) > stars) {
        valueMistake = '{body.' + part.name + '} has more "*" than the pointer of the operation'
        return null
      }
      fields.push(steps)
    }
    return new Fill(template.parts, fields, as)
  }

  get isConstant(): bool {
    for (let i = 0; i < this.parts.length; i++) if (!this.parts[i].isLiteral) return false
    return true
  }

  get isBound(): bool {
    for (let i = 0; i < this.fields.length; i++) if (anyCount(this.fields[i]) > 0) return true
    return false
  }

  writeConstant(writer: ByteWriter): void {
    this.writeAs(writer, this.parts.length == 0 ? '' : this.parts[0].name)
  }

  write(
    writer: ByteWriter,
    document: Document,
    bound: Step[],
    request: RequestView,
    response: ResponseView | null
  ): void {
    if (this.as == As.KEPT && this.parts.length == 1 && this.parts[0].isOwn) {
      const found = this.field(0, document, bound)
      if (found === null) writer.text('null')
      else found.write(writer)
      return
    }
    let text = ''
    for (let i = 0; i < this.parts.length; i++) {
      const part = unchecked(this.parts[i])
      if (part.isLiteral) text += part.name
      else if (!part.isOwn) text += part.value(request, response)
      else {
        const found = this.field(i, document, bound)
        if (found !== null) text += found.text
      }
    }
    this.writeAs(writer, text)
  }

  private field(index: i32, document: Document, bound: Step[]): JsonTree | null {
    return document.root.find(filledIn(this.fields[index], bound))
  }

  /** What is no number or boolean becomes null. */
  private writeAs(writer: ByteWriter, text: string): void {
    if (this.as == As.NUMBER) writer.text(isNumber(text) ? text : 'null')
    else if (this.as == As.BOOLEAN) writer.text(booleanText(text))
    else writeString(writer, text)
  }
}

/** In JSON's notation: the digits then stand in the body as they are. */
function isNumber(text: string): bool {
  const json = Json.parse(text, 1)
  return json !== null && json.isNumber && text.trim() == text
}

function booleanText(text: string): string {
  const lower = lowerAscii(text)
  if (lower == 'true' || lower == '1') return 'true'
  return lower == 'false' || lower == '0' ? 'false' : 'null'
}
