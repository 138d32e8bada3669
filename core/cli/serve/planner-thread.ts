import { parentPort } from 'node:worker_threads'
import { connect } from './calls.js'
import { Planner } from './planner.js'

/** Plans for `RemotePlanner`. */
const planner = new Planner()
if (parentPort !== null) connect<object>(parentPort, () => planner)
