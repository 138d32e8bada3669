import { createLog } from '../../core/observe/log.js'

/** A process of the test of the log: writes so many lines of so many bytes and more to standard output, and is over. */
const [count = 0, bytes = 0] = process.argv.slice(2).map(Number)
const log = createLog('info')
const text = 'x'.repeat(bytes)
for (let number = 0; number < count; number++) log.info({ number }, text)
