import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import type { CatalogEntry } from '../../core/plugin-host/catalog/format.js'
import { makeCatalog } from '../../core/plugin-host/catalog/make.js'
import { wat } from './wat.js'

/** A module the host takes: it lets everything go on. The number makes it different from others. */
export function module(number = 0): Buffer {
  return Buffer.from(
    wat(`(module (memory (export "memory") 1) (func (export "number") (result i32) i32.const ${number})
      (func (export "sluice_abi") (result i32) i32.const 1)
      (func (export "sluice_alloc") (param i32) (result i32) i32.const 4096)
      (func (export "on_request") (param i32 i32) (result i32) i32.const 0))`)
  )
}

/** A manifest as plugin.json holds it. */
export function manifest(name: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const description = `What ${name} does.`
  return { name, version: '1.0.0', abi: 1, kind: 'traffic', description, hooks: ['on_request'], ...more }
}

/** Writes the files of a plugin, compiled, into `folder`. */
export function writePlugin(
  folder: string,
  fields: Readonly<Record<string, unknown>>,
  wasm: Buffer = module()
): string {
  write(join(folder, 'plugin.json'), JSON.stringify(fields))
  write(join(folder, 'build', `${fields.name}.wasm`), wasm)
  return folder
}

/** Makes the catalog of the plugins in `folder`. @returns its file */
export async function writeCatalog(folder: string): Promise<string> {
  const file = join(folder, 'catalog.json')
  writeFileSync(file, await makeCatalog(folder, file))
  return file
}

/** A folder with a catalog of one plugin. */
export async function catalogOf(t: Test, name: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = join(t.testdir(), 'catalog')
  writePlugin(join(folder, name), manifest(name, more))
  await writeCatalog(folder)
  return folder
}

/** Changes the first entry of a catalog. */
export function tamper(folder: string, change: (entry: CatalogEntry) => unknown): void {
  const file = join(folder, 'catalog.json')
  const catalog = JSON.parse(readFileSync(file, 'utf8'))
  catalog.plugins[0] = change(catalog.plugins[0])
  writeFileSync(file, JSON.stringify(catalog))
}

/** An HTTP server until the test ends. @returns its address, which ends in a slash */
export async function httpServer(
  t: Test,
  answer: (request: IncomingMessage, response: ServerResponse) => void
): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`
}

/** Serves the files of a folder, below /plugins/. */
export function serveFolder(t: Test, folder: string): Promise<string> {
  return httpServer(t, (request, response) => {
    try {
      response.end(readFileSync(join(folder, (request.url ?? '').replace('/plugins/', ''))))
    } catch {
      response.writeHead(404).end('there is no such file')
    }
  })
}

function write(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}
