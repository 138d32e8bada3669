/** Two seconds of load through the three-plugin chain, every reply checked: for CI, which cares that it holds. */

import { endAll, endChildrenWithThisProcess } from './children.js'
import { CONTENDERS } from './contenders.js'
import { machine } from './machine.js'
import { load } from './measure.js'
import { setUp } from './setup.js'

const SECONDS = 2
const CONNECTIONS = 16

process.exitCode = await smoke().catch(failed).finally(endAll)

async function smoke(): Promise<number> {
  if (machine().wrk === undefined) throw new Error('wrk is not installed: apt-get install wrk')
  endChildrenWithThisProcess()
  const setup = await setUp()
  const sluice = await CONTENDERS.sluice(setup)
  const { requests, fault } = await load(setup, sluice, { traffic: 'three' }, CONNECTIONS, SECONDS)
  if (fault !== undefined) throw new Error(fault)
  console.log(`smoke: ${requests} replies, all as expected`)
  return 0
}

function failed(thrown: unknown): number {
  console.error(`smoke: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  return 1
}
