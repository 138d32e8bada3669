import type { Test } from 'tap'
import { type Mock, type MockOptions, startMock } from '../../core/cli/mock/server.js'
import { ROOT } from '../command.js'

/** Recorded replies of providers: PROVIDER/FILE.json. */
export const RECORDINGS = `${ROOT}test/fixtures/ai`

/** A provider that is none, in this process, until the test ends. */
export async function mockProvider(t: Test, options: MockOptions = {}): Promise<Mock> {
  const mock = await startMock({ recordings: RECORDINGS, ...options })
  t.teardown(() => mock.close())
  return mock
}
