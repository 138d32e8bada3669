/**
 * What tap takes in place of async-hook-domain and its own async resources, in the bundle (bundle.mjs): an error nobody catches is that of
 * the test that began last and runs. The package finds out exactly whose it is, by a hook that every promise and timer of a test pays for,
 * up to a sixth of its time. Where tests run one after the other, as here, the last that began is the one.
 */

/** Of the tests that run, the innermost last. */
const running = []
/** The resource whose function is called now. */
let scope

/** tap makes one for each test, makes a domain in its scope, and later runs the test in it. */
export class AsyncResource {
  domain = undefined

  runInAsyncScope(run, self, ...given) {
    const before = scope
    scope = this
    if (this.domain !== undefined) begin(this.domain)
    try {
      return run.apply(self, given)
    } finally {
      scope = before
    }
  }

  emitDestroy() {
    return this
  }
}

export class Domain {
  destroyed = false

  constructor(onerror) {
    this.onerror = onerror
    if (scope === undefined)
      begin(this) // that of all tests
    else scope.domain = this
  }

  destroy() {
    this.destroyed = true
    const at = running.indexOf(this)
    if (at !== -1) running.splice(at, 1)
    if (running.length > 0) return
    process.off('uncaughtException', onException)
    process.off('unhandledRejection', onRejection)
  }
}

function begin(domain) {
  if (domain.destroyed) return
  if (running.length === 0) {
    process.on('uncaughtException', onException)
    process.on('unhandledRejection', onRejection)
  }
  running.push(domain)
}

function onException(error, origin) {
  if (!isTaken('uncaughtException')) running.at(-1).onerror(error, origin)
}

function onRejection(error) {
  if (!isTaken('unhandledRejection')) running.at(-1).onerror(error, 'unhandledRejection')
}

/** As the package: a test that listens itself has the error for itself. */
function isTaken(event) {
  return process.hasUncaughtExceptionCaptureCallback() || process.listenerCount(event) > 1
}
