import wabt from 'wabt'
import { Verdict } from '../../core/plugin-host/abi.js'

const tools = await wabt()

/** The binary of a module in text form. @throws with the line that is wrong */
export function wat(text: string): Uint8Array {
  const parsed = tools.parseWat('guest.wat', text, { bulk_memory: true, mutable_globals: true, exceptions: true })
  try {
    parsed.validate()
    return parsed.toBinary({}).buffer
  } finally {
    parsed.destroy()
  }
}

export interface GuestText {
  /** By hook, the instructions that leave its result; `$ptr` and `$len` are its input. */
  readonly hooks: Readonly<Record<string, string>>
  /** Other fields of the module: functions, globals, data. */
  readonly more?: string
  /** Import fields. */
  readonly imports?: string
  /** Memory at start, pages. */
  readonly pages?: number
  /** The whole function `$alloc` when it is not to be the usual one. */
  readonly alloc?: string
}

/** Where the input lies; before it there is room for data and for what `$show` and `$keep` put in front. */
const INPUT_AT = 131_072

const USUAL_ALLOC = `(func $alloc (param $n i32) (result i32) (local $lack i32)
  (local.set $lack (i32.sub (i32.add (local.get $n) (i32.const ${INPUT_AT + 65_536}))
                            (i32.mul (memory.size) (i32.const 65536))))
  (if (i32.gt_s (local.get $lack) (i32.const 0))
    (then (if (i32.eq (memory.grow (i32.shr_u (i32.add (local.get $lack) (i32.const 65535)) (i32.const 16)))
                      (i32.const -1))
            (then unreachable))))
  (i32.const ${INPUT_AT}))`

/** What guests are written with: each builds its verdict in front of the input, in place. */
const TOOLS = `
  (func $varint (param $at i32) (param $n i32) ;; five bytes, padded
    (i32.store8 (local.get $at) (i32.or (local.get $n) (i32.const 128)))
    (i32.store8 offset=1 (local.get $at) (i32.or (i32.shr_u (local.get $n) (i32.const 7)) (i32.const 128)))
    (i32.store8 offset=2 (local.get $at) (i32.or (i32.shr_u (local.get $n) (i32.const 14)) (i32.const 128)))
    (i32.store8 offset=3 (local.get $at) (i32.or (i32.shr_u (local.get $n) (i32.const 21)) (i32.const 128)))
    (i32.store8 offset=4 (local.get $at) (i32.shr_u (local.get $n) (i32.const 28))))
  (func $show (param $ptr i32) (param $len i32) (result i32) ;; replies 200 with the bytes as body
    (i32.store (i32.sub (local.get $ptr) (i32.const 19)) (i32.add (local.get $len) (i32.const 15)))
    (i32.store8 (i32.sub (local.get $ptr) (i32.const 15)) (i32.const 0x0a))
    (call $varint (i32.sub (local.get $ptr) (i32.const 14)) (i32.add (local.get $len) (i32.const 9)))
    (i32.store8 (i32.sub (local.get $ptr) (i32.const 9)) (i32.const 0x08))
    (i32.store16 (i32.sub (local.get $ptr) (i32.const 8)) (i32.const 0x01c8))
    (i32.store8 (i32.sub (local.get $ptr) (i32.const 6)) (i32.const 0x1a))
    (call $varint (i32.sub (local.get $ptr) (i32.const 5)) (local.get $len))
    (i32.sub (local.get $ptr) (i32.const 19)))
  (func $field (param $tag i32) (param $ptr i32) (param $len i32) (result i32) ;; a verdict of one bytes field
    (i32.store (i32.sub (local.get $ptr) (i32.const 10)) (i32.add (local.get $len) (i32.const 6)))
    (i32.store8 (i32.sub (local.get $ptr) (i32.const 6)) (local.get $tag))
    (call $varint (i32.sub (local.get $ptr) (i32.const 5)) (local.get $len))
    (i32.sub (local.get $ptr) (i32.const 10)))
  (func $keep (param $ptr i32) (param $len i32) (result i32) ;; keeps the bytes as its state
    (call $field (i32.const 0x62) (local.get $ptr) (local.get $len)))
  (func $has (param $ptr i32) (param $len i32) (param $byte i32) (result i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $len)))
        (if (i32.eq (i32.load8_u (local.get $ptr)) (local.get $byte)) (then (return (i32.const 1))))
        (local.set $ptr (i32.add (local.get $ptr) (i32.const 1)))
        (local.set $len (i32.sub (local.get $len) (i32.const 1)))
        (br $next)))
    (i32.const 0))
  (func $hasWord (param $ptr i32) (param $len i32) (param $word i32) (result i32) ;; four bytes, little-endian
    (block $done
      (loop $next
        (br_if $done (i32.lt_s (local.get $len) (i32.const 4)))
        (if (i32.eq (i32.load align=1 (local.get $ptr)) (local.get $word)) (then (return (i32.const 1))))
        (local.set $ptr (i32.add (local.get $ptr) (i32.const 1)))
        (local.set $len (i32.sub (local.get $len) (i32.const 1)))
        (br $next)))
    (i32.const 0))
  (func $spin (param $times i32)
    (loop $again
      (local.set $times (i32.sub (local.get $times) (i32.const 1)))
      (br_if $again (local.get $times))))
  (func $forever (loop $again (br $again)))`

/** A plugin of the direct convention. */
export function guest({ hooks, more = '', imports = '', pages = 3, alloc = USUAL_ALLOC }: GuestText): Uint8Array {
  const functions = Object.entries(hooks).map(
    ([hook, body]) => `(func (export "${hook}") (param $ptr i32) (param $len i32) (result i32) ${body})`
  )
  return wat(`(module ${imports}
    (memory (export "memory") ${pages})
    (func (export "sluice_abi") (result i32) (i32.const 1))
    ${alloc} (export "sluice_alloc" (func $alloc))
    ${TOOLS} ${more} ${functions.join('\n')})`)
}

/** A data segment at `at` as a text field. */
export function data(at: number, bytes: Uint8Array | string): string {
  const hex = [...Buffer.from(bytes)].map(byte => `\\${byte.toString(16).padStart(2, '0')}`).join('')
  return `(data (i32.const ${at}) "${hex}")`
}

type VerdictInit = Parameters<typeof Verdict.encode>[0]

/** A data segment at `at` that holds `verdict`: a hook whose result is `at` answers it. */
export function verdictAt(at: number, verdict: VerdictInit): string {
  return bytesAt(at, Verdict.encode(verdict).finish())
}

/** A data segment at `at` that holds `bytes` as a hook's output, right or wrong. */
export function bytesAt(at: number, bytes: Uint8Array): string {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return data(at, Buffer.concat([length, bytes]))
}

/** A plugin with one hook that answers the same verdict always. */
export function says(verdict: VerdictInit, hook = 'on_request'): Uint8Array {
  return guest({ hooks: { [hook]: '(i32.const 1024)' }, more: verdictAt(1024, verdict) })
}

/** Instructions that are taken when the input has these four letters in it. */
export function when(letters: string, body: string): string {
  const word = Buffer.from(letters).readInt32LE()
  return `(if (call $hasWord (local.get $ptr) (local.get $len) (i32.const ${word})) (then ${body}))`
}
