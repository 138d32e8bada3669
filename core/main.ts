#!/usr/bin/env node
import { run } from './cli/run.js'

// Who reads what a command says may have enough of it (`sluice models | head`). A gateway does not end for that.
if (process.argv[2] !== 'serve') {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
}

process.exitCode = await run(process.argv.slice(2))
