import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { type Loaded, type LoadOptions, loadConfig } from '../../core/config/load.js'
import { ConfigError } from '../../core/config/problems.js'
import type { UpstreamPolicy } from '../../core/config/resolve-upstream.js'

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

/** What an upstream has beside its targets and connections, when its configuration says nothing of it. */
export const UPSTREAM_DEFAULTS: Omit<UpstreamPolicy, 'targets'> = {
  discover: undefined,
  balance: {
    kind: 'round-robin',
    key: { from: 'ip' },
    maxLoad: 1.5,
    decayMs: 10_000,
    within: 'round-robin',
    threshold: 0.7
  },
  slowStartMs: 0,
  health: {
    active: undefined,
    passive: {
      failures: ['refused', 'reset', 'timeout', 'bad-response'],
      statuses: [],
      consecutive: 5,
      rate: { share: 0.5, requests: 20, windowMs: 10_000 },
      latency: undefined,
      ejectionMs: 10_000,
      maxEjectionMs: 300_000,
      maxEjected: 0.5
    }
  },
  panic: 'all'
}
