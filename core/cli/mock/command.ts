import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { toldToEnd } from '../told-to-end.js'
import { faultTable } from './faults.js'
import { type MockOptions, startMock } from './server.js'
import { readyTokens } from './tokens.js'

/** `sluice mock --help`. */
const HELP = `sluice mock [--port N] [--host ADDRESS] [--key KEY]... [--recordings DIR] [--rate N] [--seed N]

A provider to try with: the APIs of OpenAI, Anthropic, Gemini, Amazon Bedrock, Cohere, Mistral and Ollama, with answers
that are always the same for the same question and usage that adds up. Nothing leaves this machine. It repeats what it
was told; "call NAME and NAME2" makes it call these tools, "reply with: TEXT" answers TEXT, a schema is filled in.

  --port N           4010 when left out; 0 takes any that is free
  --host ADDRESS     127.0.0.1 when left out
  --key KEY          a key of which requests must show one, ID:SECRET where they are signed for AWS; repeat for
                     several; any is taken when left out
  --recordings DIR   recorded replies, DIR/PROVIDER/FILE.json, at /replay/PROVIDER/FILE and as the model
                     replay:PROVIDER/FILE
  --rate N           tokens per second of every stream; as fast as it goes when left out
  --seed N           other ids, signatures and vectors

Faults are asked for behind the model's name, "gpt-5+status=429,retry-after=2+times=2", in the query,
"?mock=stall=500ms", in headers, "x-mock-drop: 3", or for requests to come by
POST /mock/faults {"faults":"status=503","model":"gpt-5","times":2}:

${faultTable()}

GET /mock/requests says what came, bodies in base64; POST /mock/reset forgets all. The model "bench" is for load.

Exit codes: 0 ended by a signal, 1 it cannot listen, 2 the command line is not understood.
`

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  port: { type: 'string' },
  host: { type: 'string' },
  key: { type: 'string', multiple: true },
  recordings: { type: 'string' },
  rate: { type: 'string' },
  seed: { type: 'string' }
} as const

/** `sluice mock`. Serves until SIGINT or SIGTERM. @returns the exit code */
export async function mockCommand(args: readonly string[]): Promise<number> {
  let options: MockOptions | undefined
  try {
    options = read(args)
  } catch (thrown) {
    process.stderr.write(`sluice: mock: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    process.stderr.write('Try: sluice mock --help\n')
    return 2
  }
  if (options === undefined) {
    process.stdout.write(HELP)
    return 0
  }
  try {
    const mock = await startMock(options)
    const told = toldToEnd()
    process.stdout.write(`mock provider at ${mock.url}\n`)
    readyTokens().catch(() => undefined) // else the first request waits for it; what is wrong with it shows there
    await told
    await mock.close()
    return 0
  } catch (thrown) {
    process.stderr.write(`sluice: mock: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    return 1
  }
}

/** Undefined: help is wanted. @throws Error with what is wrong */
function read(args: readonly string[]): MockOptions | undefined {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false, strict: true })
  if (values.help === true) return undefined
  const { recordings } = values
  if (recordings !== undefined && !existsSync(recordings)) {
    throw new Error(`--recordings is "${recordings}", expected a folder that is there`)
  }
  return {
    port: whole('--port', values.port, 65_535) ?? 4010,
    host: values.host,
    keys: values.key,
    recordings,
    rate: whole('--rate', values.rate, 1_000_000, 1),
    seed: whole('--seed', values.seed, Number.MAX_SAFE_INTEGER)
  }
}

function whole(option: string, text: string | undefined, most: number, least = 0): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new Error(`${option} is "${text}", expected a whole number from ${least} to ${most}`)
}
