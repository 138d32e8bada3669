import { utf8Bytes } from '../utf8'
import { byteAt, end, isDigit, isLetter, isWord } from './text'

/** Keys and tokens that can be told by how they begin, JSON Web Tokens and private keys. */

enum Letters {
  /** Letters and digits. */
  WORD,
  /** Also "_" and "-". */
  URL,
  /** Also ".". */
  DOTTED
}

@final
class Shape {
  readonly prefix: Uint8Array

  /** After the prefix come `least` to `most` letters. */
  constructor(
    prefix: string,
    readonly letters: Letters,
    readonly least: i32,
    readonly most: i32
  ) {
    this.prefix = utf8Bytes(prefix)
  }
}

const MANY: i32 = 4096

const SHAPES: Shape[] = [
  new Shape('sk-', Letters.URL, 20, MANY), // OpenAI, Anthropic, OpenRouter, DeepSeek
  new Shape('sk_live_', Letters.WORD, 16, MANY), // Stripe
  new Shape('sk_test_', Letters.WORD, 16, MANY),
  new Shape('rk_live_', Letters.WORD, 16, MANY),
  new Shape('rk_test_', Letters.WORD, 16, MANY),
  new Shape('whsec_', Letters.WORD, 24, MANY),
  new Shape('AKIA', Letters.WORD, 16, 16), // AWS
  new Shape('ASIA', Letters.WORD, 16, 16),
  new Shape('AIza', Letters.URL, 35, 35), // Google
  new Shape('ya29.', Letters.URL, 20, MANY),
  new Shape('GOCSPX-', Letters.URL, 20, MANY),
  new Shape('ghp_', Letters.WORD, 36, 255), // GitHub
  new Shape('gho_', Letters.WORD, 36, 255),
  new Shape('ghu_', Letters.WORD, 36, 255),
  new Shape('ghs_', Letters.WORD, 36, 255),
  new Shape('ghr_', Letters.WORD, 36, 255),
  new Shape('github_pat_', Letters.URL, 22, 255),
  new Shape('glpat-', Letters.URL, 20, MANY), // GitLab
  new Shape('xoxb-', Letters.URL, 10, MANY), // Slack
  new Shape('xoxa-', Letters.URL, 10, MANY),
  new Shape('xoxp-', Letters.URL, 10, MANY),
  new Shape('xoxr-', Letters.URL, 10, MANY),
  new Shape('xoxs-', Letters.URL, 10, MANY),
  new Shape('xoxe.', Letters.DOTTED, 20, MANY),
  new Shape('xapp-', Letters.URL, 10, MANY),
  new Shape('npm_', Letters.WORD, 36, 36),
  new Shape('pypi-', Letters.URL, 50, MANY),
  new Shape('SG.', Letters.DOTTED, 60, 80), // SendGrid
  new Shape('hf_', Letters.WORD, 30, MANY), // Hugging Face
  new Shape('gsk_', Letters.WORD, 40, MANY), // Groq
  new Shape('xai-', Letters.WORD, 40, MANY),
  new Shape('r8_', Letters.WORD, 37, 37), // Replicate
  new Shape('pplx-', Letters.WORD, 40, MANY), // Perplexity
  new Shape('dop_v1_', Letters.WORD, 64, 64), // DigitalOcean
  new Shape('shpat_', Letters.WORD, 32, 32), // Shopify
  new Shape('shpss_', Letters.WORD, 32, 32),
  new Shape('dapi', Letters.WORD, 32, 32), // Databricks
  new Shape('lin_api_', Letters.WORD, 32, MANY), // Linear
  new Shape('ntn_', Letters.WORD, 40, MANY), // Notion
  new Shape('hvs.', Letters.URL, 24, MANY), // Vault
  new Shape('nvapi-', Letters.URL, 40, MANY), // NVIDIA
  new Shape('csk-', Letters.WORD, 40, MANY), // Cerebras
  new Shape('fw_', Letters.WORD, 22, MANY), // Fireworks
  new Shape('tgp_v1_', Letters.URL, 40, MANY), // Together
  new Shape('jina_', Letters.URL, 40, MANY),
  new Shape('tvly-', Letters.URL, 30, MANY), // Tavily
  new Shape('lsv2_pt_', Letters.URL, 43, 43), // LangSmith
  new Shape('lsv2_sk_', Letters.URL, 43, 43),
  new Shape('glrt-', Letters.URL, 20, MANY), // GitLab's runners, deploy and trigger tokens
  new Shape('gldt-', Letters.URL, 20, MANY),
  new Shape('glptt-', Letters.WORD, 40, 40),
  new Shape('dckr_pat_', Letters.URL, 27, 27), // Docker
  new Shape('rubygems_', Letters.WORD, 48, 48),
  new Shape('shpca_', Letters.WORD, 32, 32),
  new Shape('shppa_', Letters.WORD, 32, 32),
  new Shape('glsa_', Letters.URL, 41, 41), // Grafana
  new Shape('sntryu_', Letters.WORD, 64, 64), // Sentry
  new Shape('NRAK-', Letters.WORD, 27, 27), // New Relic
  new Shape('figd_', Letters.URL, 40, MANY), // Figma
  new Shape('ATATT3', Letters.URL, 100, MANY), // Atlassian
  new Shape('sbp_', Letters.WORD, 40, 40), // Supabase
  new Shape('pul-', Letters.WORD, 40, 40), // Pulumi
  new Shape('pscale_tkn_', Letters.URL, 32, MANY), // PlanetScale
  new Shape('pscale_pw_', Letters.URL, 32, MANY),
  new Shape('sq0atp-', Letters.URL, 22, 22), // Square
  new Shape('sq0csp-', Letters.URL, 43, 43),
  new Shape('dp.pt.', Letters.WORD, 40, 44), // Doppler
  new Shape('nfp_', Letters.WORD, 36, 40), // Netlify
  new Shape('AGE-SECRET-KEY-1', Letters.WORD, 58, 58), // age
  new Shape('PMAK-', Letters.URL, 50, MANY), // Postman
  new Shape('SK', Letters.WORD, 32, 32) // Twilio
]

/** By first letter: the first of SHAPES to try, and for each the next one; -1 for none. */
const firsts = new StaticArray<i32>(128).fill(-1)
const nexts = linked()

const DASHES = utf8Bytes('-----')
const BEGIN = utf8Bytes('-----BEGIN ')
const END = utf8Bytes('-----END ')
const PRIVATE_KEY = utf8Bytes('PRIVATE KEY')
const MAX_LABEL: usize = 64

/** The end of the key or token at `at`, where a word begins; 0 when there is none. */
export function secretEnd(at: usize): usize {
  // Inside "a-sk-sk-sk" nothing begins: else each part would be read to the end again.
  const before = byteAt(at - 1)
  if (before == 0x2d || before == 0x5f) return 0
  for (let i = unchecked(firsts[byteAt(at) & 127]); i >= 0; i = unchecked(nexts[i])) {
    const shape = unchecked(SHAPES[i])
    if (!isAt(at, shape.prefix)) continue
    const stop = keyEnd(at + <usize>shape.prefix.length, shape)
    if (stop != 0) return stop
  }
  return byteAt(at) == 0x65 && byteAt(at + 1) == 0x79 && byteAt(at + 2) == 0x4a ? tokenEnd(at) : 0
}

/** The end of the private key at `at`, with its last line or to the end of the text; 0 when there is none. */
export function privateKeyEnd(at: usize): usize {
  if (!isAt(at, BEGIN)) return 0
  const label = at + <usize>BEGIN.length
  let stop = label
  while (stop < end && stop - label < MAX_LABEL && byteAt(stop) != 0x2d) stop++
  if (!isAt(stop, DASHES) || !holds(label, stop, PRIVATE_KEY)) return 0
  for (stop += 5; stop < end; stop++) {
    if (byteAt(stop) != 0x2d || !isAt(stop, END)) continue
    stop += <usize>END.length
    const limit = min(end, stop + MAX_LABEL)
    while (stop < limit && byteAt(stop) != 0x2d) stop++
    while (byteAt(stop) == 0x2d) stop++
    return stop
  }
  return end
}

function keyEnd(from: usize, shape: Shape): usize {
  let at = from
  let figures = 0
  let capitals = 0
  let marks = 0
  for (; at < end; at++) {
    const byte = byteAt(at)
    if (isDigit(byte)) figures++
    else if (byte - 0x41 < 26) capitals++
    else if (!isLetter(byte)) {
      if (byte != 0x5f && byte != 0x2d && byte != 0x2e) break
      if (shape.letters == Letters.WORD || (byte == 0x2e && shape.letters != Letters.DOTTED)) break
      marks++
    }
  }
  while (at > from && !isWord(byteAt(at - 1))) at-- // a sentence's dot, a dash
  const count = <i32>(at - from)
  if (count < shape.least || count > shape.most) return 0
  if (shape.least == shape.most) return at
  // Names have few digits and capitals, keys many of both, or many digits.
  return figures >= 2 && (capitals >= 2 || figures * 6 >= count) && marks * 4 <= count ? at : 0
}

/** A JSON Web Token: signed (three parts, the first two JSON objects) or encrypted (five parts). */
function tokenEnd(from: usize): usize {
  let at = from
  let parts = 0
  let second: usize = 0
  let third: usize = 0
  while (true) {
    while (at < end && (isWord(byteAt(at)) || byteAt(at) == 0x5f || byteAt(at) == 0x2d)) at++
    parts++
    if (parts == 3) third = at
    if (parts == 5 || byteAt(at) != 0x2e) break
    at++
    if (parts == 1) second = at
  }
  if (parts < 3) return 0
  if (byteAt(second) == 0x65 && byteAt(second + 1) == 0x79 && byteAt(second + 2) == 0x4a) return third
  return parts == 5 && at - from > 80 ? at : 0
}

function isAt(at: usize, bytes: Uint8Array): bool {
  const size = <usize>bytes.length
  return at + size <= end && memory.compare(at, bytes.dataStart, size) == 0
}

function holds(from: usize, stop: usize, bytes: Uint8Array): bool {
  for (let at = from; at + <usize>bytes.length <= stop; at++) if (isAt(at, bytes)) return true
  return false
}

function linked(): StaticArray<i32> {
  const next = new StaticArray<i32>(SHAPES.length)
  for (let i = SHAPES.length - 1; i >= 0; i--) {
    const first = SHAPES[i].prefix[0]
    next[i] = firsts[first]
    firsts[first] = i
  }
  return next
}
