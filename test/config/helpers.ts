import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { type Loaded, type LoadOptions, loadConfig } from '../../core/config/load.js'
import { ConfigError } from '../../core/config/problems.js'

/** The repository, seen from the compiled tests. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

export const FIXTURES = `${ROOT}test/fixtures/config/`

/** What the environment of the fixtures holds. No message may repeat the secret. */
export const SECRET = 'hunter2-is-the-secret'

export const OPTIONS: LoadOptions = {
  builtins: ['auth-key', 'transform-headers'],
  cores: 4,
  env: { SECRET, NETWORK: '10.9.8.7/8', LEVEL: 'warn', ACCESS: 'false', THREADS: '2', FOLDER: '/srv' }
}

/** Loads a configuration given as text, with files beside it. */
export function load(t: Test, yaml: string, options: LoadOptions = {}, files: Record<string, string> = {}): Loaded {
  const folder = t.testdir({ ...files, 'sluice.yaml': yaml })
  return loadConfig(`${folder}/sluice.yaml`, { ...OPTIONS, ...options })
}

/** What is wrong with a configuration given as text, one `line:column path message` each; empty when nothing is. */
export function problemsOf(
  t: Test,
  yaml: string,
  options: LoadOptions = {},
  files: Record<string, string> = {}
): string[] {
  try {
    load(t, yaml, options, files)
    return []
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown
    return thrown.problems.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`)
  }
}

/** The least configuration, with more before it. */
export function withLeast(more: string): string {
  return `${more}\nupstreams: { api: { targets: ["http://127.0.0.1:9000"] } }\nroutes: [{ name: a, match: { path: /a }, upstream: api }]\n`
}
