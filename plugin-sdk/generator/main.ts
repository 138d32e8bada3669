import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { guestCode } from './guest.js'
import { hostCode } from './host.js'
import { mirrorCode } from './mirror.js'
import { readContract } from './model.js'

/** The repository: this file runs as build/plugin-sdk/generator/main.js. */
const ROOT = new URL('../../../', import.meta.url)
const PROTO = 'plugin-sdk/proto/sluice/v1/policy.proto'

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const contract = readContract(readFileSync(new URL(PROTO, ROOT), 'utf8'))
const files = {
  'plugin-sdk/assembly/gen/policy.ts': guestCode(contract, { runtime: '..' }),
  'core/plugin-host/gen/policy.ts': await hostCode(fileURLToPath(new URL(PROTO, ROOT)), contract),
  'test/fixtures/guests/mirror/assembly/gen/mirror.ts': mirrorCode(contract, {
    messages: '@sluice/plugin-sdk/assembly/gen/policy',
    runtime: '@sluice/plugin-sdk/assembly'
  })
}

for (const [path, text] of Object.entries(files)) {
  const file = new URL(path, ROOT)
  if (read(file) === text) continue
  if (values.check) {
    console.error(`${path} is not what ${PROTO} makes: run "npm run gen" and commit it`)
    process.exitCode = 1
  } else {
    mkdirSync(new URL('.', file), { recursive: true })
    writeFileSync(file, text)
    console.log(`wrote ${path}`)
  }
}

function read(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
