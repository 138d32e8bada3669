import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { exportsOf } from './exports.js'
import { fieldsCode } from './fields.js'
import { guestCode } from './guest.js'
import { hostCode } from './host.js'
import { mirrorCode } from './mirror.js'
import { readContract } from './model.js'
import { referencePage } from './reference.js'

/** The repository: this file runs as build/plugin-sdk/generator/main.js. */
const ROOT = new URL('../../../', import.meta.url)
const SDK = new URL('plugin-sdk/assembly/', ROOT)
const PROTO = 'plugin-sdk/proto/sluice/v1/policy.proto'

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const contract = readContract(readFileSync(new URL(PROTO, ROOT), 'utf8'))
const files = {
  'plugin-sdk/assembly/gen/policy.ts': guestCode(contract, { runtime: '..' }),
  'core/plugin-host/gen/policy.ts': await hostCode(fileURLToPath(new URL(PROTO, ROOT)), contract),
  'core/plugin-host/gen/fields.ts': fieldsCode(contract),
  'test/fixtures/guests/mirror/assembly/gen/mirror.ts': mirrorCode(contract, {
    messages: '@sluice/plugin-sdk/assembly/gen/policy',
    runtime: '@sluice/plugin-sdk/assembly'
  }),
  'plugin-sdk/REFERENCE.md': referencePage(exportsOf(module => readFileSync(new URL(`${module}.ts`, SDK), 'utf8')))
}

for (const [path, text] of Object.entries(files)) {
  const file = new URL(path, ROOT)
  if (read(file) === text) continue
  if (values.check) {
    console.error(`${path} is not what its sources make: run "npm run gen" and commit it`)
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
