import { createHash, randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { ConfigureInput, type ConfigureInputInit, ConfigureResult, Verdict } from '../../core/plugin-host/gen/policy.js'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

type Call = (...args: number[]) => number

/** A plugin instance run by plain WebAssembly, with a host that is as small as can be. */
export class Guest {
  readonly logged: [level: number, message: string][] = []
  private readonly memory: WebAssembly.Memory
  private readonly exports: WebAssembly.Exports

  constructor(wasm: Uint8Array) {
    const patterns: RegExp[] = []
    const sluice = {
      log: (level: number, ptr: number, length: number) => {
        this.logged.push([level, this.read(ptr, length).toString('utf8')])
      },
      log_fields: () => undefined,
      now: () => Date.now(),
      random: (ptr: number, length: number) => randomFillSync(this.read(ptr, length)),
      sha256: (ptr: number, length: number, out: number) => {
        createHash('sha256').update(this.read(ptr, length)).digest().copy(this.read(out, 32))
      },
      regex_compile: (ptr: number, length: number) => {
        try {
          return patterns.push(new RegExp(this.read(ptr, length).toString('latin1'), 'g'))
        } catch {
          return -1
        }
      },
      regex_find_all: (handle: number, ptr: number, length: number, out: number, max: number) => {
        const pattern = patterns[handle - 1]
        if (pattern === undefined) return -1
        const found = [...this.read(ptr, length).toString('latin1').matchAll(pattern)].slice(0, max)
        const pairs = found.flatMap(each => [each.index, each.index + each[0].length])
        for (const [index, offset] of pairs.entries()) this.read(out, max * 8).writeUInt32LE(offset, index * 4)
        return found.length
      }
    }
    this.exports = new WebAssembly.Instance(new WebAssembly.Module(wasm), { sluice }).exports
    this.memory = this.exports.memory as WebAssembly.Memory
    this.call('_initialize')
  }

  call(name: string, ...args: number[]): number {
    return (this.exports[name] as Call)(...args)
  }

  /** Puts bytes into the input buffer, calls `name(...first, ptr, len, ...rest)` and returns its output. */
  run(name: string, input: Uint8Array, first: number[] = [], rest: number[] = []): Buffer | undefined {
    const ptr = this.call('sluice_alloc', input.length)
    this.read(ptr, input.length).set(input)
    const out = this.call(name, ...first, ptr, input.length, ...rest)
    if (out === 0) return Buffer.alloc(0)
    if (out < 0) return undefined
    return Buffer.from(this.read(out + 4, this.read(out, 4).readUInt32LE()))
  }

  tool(which: number, input: Uint8Array | string): Buffer | undefined {
    return this.run('tool', Buffer.from(input), [which])
  }

  /** Configures the instance; returns its error, '' when it took the settings. */
  configure(settings: unknown, more: ConfigureInputInit = {}): string {
    const input = ConfigureInput.encode({ settings: Buffer.from(JSON.stringify(settings)), ...more }).finish()
    return ConfigureResult.decode(this.run('on_configure', input) ?? Buffer.alloc(0)).error
  }

  verdict(hook: string, input: Uint8Array): Verdict {
    return Verdict.decode(this.run(hook, input) ?? Buffer.alloc(0))
  }

  /** A view of the guest's memory; it ends with the next growth of the memory. */
  private read(ptr: number, length: number): Buffer {
    return Buffer.from(this.memory.buffer, ptr, length)
  }
}

/** An instance of the guest in test/fixtures/guests, built when it is not up to date. */
export async function fixtureGuest(name: string): Promise<Guest> {
  return guestFrom(join(ROOT, 'test/fixtures/guests', name))
}

export async function guestFrom(dir: string): Promise<Guest> {
  const { file } = await buildPlugin(dir, { quiet: true })
  return new Guest(readFileSync(file))
}
