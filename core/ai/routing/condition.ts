import { header } from '../../base/headers.js'
import type { Condition } from '../../config/schema-ai-conditions.js'
import { textPattern } from './pattern.js'
import type { RoutingRequest } from './request.js'
import { timeTest } from './time-of-day.js'
import { numberTest, valueTest } from './value-test.js'

/** Whether a condition holds for a request, at a moment in milliseconds since 1970. */
export type Holds = (request: RoutingRequest, now: number) => boolean

/** A condition as a function. What costs nothing to know is looked at first. */
export function compileCondition(condition: Condition): Holds {
  const tests: Holds[] = []
  const { stream, consumer, model, operation, time, tokens, has, all, any, not } = condition
  if (stream !== undefined) tests.push(request => request.stream === stream)
  if (consumer !== undefined) {
    const names = listOf(consumer)
    tests.push(request => names.includes(request.consumer))
  }
  if (operation !== undefined) {
    const names = listOf(operation)
    tests.push(request => names.includes(request.operation))
  }
  if (model !== undefined) {
    const fits = textPattern(listOf(model))
    tests.push(request => fits(request.model))
  }
  tests.push(...namedTests(condition))
  if (time !== undefined) {
    const isTime = timeTest(time)
    tests.push((_, now) => isTime(now))
  }
  if (has !== undefined) tests.push(request => has.every(need => request.needs().has.has(need)))
  if (tokens !== undefined) {
    const fits = numberTest(tokens)
    tests.push(request => fits(request.needs().inputTokens))
  }
  if (all !== undefined) tests.push(...all.map(compileCondition))
  if (any !== undefined) {
    const some = any.map(compileCondition)
    tests.push((request, now) => some.some(holds => holds(request, now)))
  }
  if (not !== undefined) {
    const holds = compileCondition(not)
    tests.push((request, now) => !holds(request, now))
  }
  return (request, now) => tests.every(holds => holds(request, now))
}

function namedTests(condition: Condition): Holds[] {
  const { param, metadata, claim, header: name, tag } = condition
  const fits = valueTest(condition)
  const tests: Holds[] = []
  if (param !== undefined) tests.push(request => fits(request.param(param)))
  if (metadata !== undefined) tests.push(request => fits(request.metadata(metadata)))
  if (claim !== undefined) tests.push(request => fits(request.claim(claim)))
  if (name !== undefined) {
    const lower = name.toLowerCase()
    tests.push(request => fits(header(request.headers, lower)))
  }
  if (tag !== undefined) tests.push(request => fits(header(request.tags, tag)))
  return tests
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
