import type { Ask, Tool } from './ask.js'
import { failureOfStatus, Refused } from './failure.js'
import type { Faults } from './faults.js'
import { sample } from './sample.js'
import { filler, pieces, slices, tokens } from './tokens.js'

export interface ToolCall {
  readonly name: string
  /** JSON text, in the pieces in which it streams. */
  readonly arguments: readonly string[]
}

export interface Answer {
  /** In the pieces in which it streams; empty: none is shown. */
  readonly reasoning: readonly string[]
  readonly text: readonly string[]
  readonly calls: readonly ToolCall[]
  readonly finish: 'stop' | 'length' | 'tools' | 'filter'
  /** The text that ended it, where one of the client's did. */
  readonly stoppedBy: string | undefined
  /** Reasoning included. */
  readonly outputTokens: number
  readonly reasoningTokens: number
}

/**
 * The answer of the mock: always the same for the same question. It repeats the last text, calls tools where it must
 * or is told to ("call NAME and NAME2"), and fills in what a schema demands.
 */
export function answerTo(ask: Ask, model: string, faults: Faults): Answer {
  const thinks = /-think\b/.test(model) || faults.has('think')
  const thought = reasoning(ask, thinks || ask.think !== 'no', faults)
  const reasoningTokens = sum(thought)
  const shown = thinks || ask.think === 'shown' ? thought : []
  const calls = toolCalls(ask)
  if (calls.length > 0) {
    const callTokens = calls.reduce((total, call) => total + tokens(call.name) + sum(call.arguments), 0)
    const outputTokens = reasoningTokens + callTokens
    return { reasoning: shown, text: [], calls, finish: 'tools', stoppedBy: undefined, outputTokens, reasoningTokens }
  }
  const whole = content(ask, faults)
  const ended = stopped(whole, ask.stop)
  const limit = ask.maxTokens === undefined ? undefined : Math.max(0, ask.maxTokens - reasoningTokens)
  const { kept, count, cut } = limited(ended.pieces, limit)
  const end = cut ? 'length' : 'stop'
  return {
    reasoning: shown,
    text: kept,
    calls: [],
    finish: faults.has('filter') ? 'filter' : end,
    stoppedBy: cut ? undefined : ended.by,
    outputTokens: reasoningTokens + count,
    reasoningTokens
  }
}

/** Refuses where a fault says so. @throws Refused */
export function refuseIfAsked(faults: Faults): void {
  const status = faults.number('status')
  if (faults.has('context')) throw new Refused({ ...failureOfStatus(status ?? 400), kind: 'context' })
  if (faults.has('policy')) throw new Refused({ ...failureOfStatus(status ?? 400), kind: 'policy' })
  if (status !== undefined) throw new Refused(failureOfStatus(status, faults.text('retry-after')))
}

function reasoning(ask: Ask, thinks: boolean, faults: Faults): string[] {
  const count = faults.number('reasoning')
  if (count !== undefined) return filler(count)
  return thinks ? pieces(`The user wants to know about: ${lastText(ask).slice(0, 200)}`) : []
}

function content(ask: Ask, faults: Faults): string[] {
  const count = faults.number('tokens')
  if (count !== undefined) return filler(count)
  const said = faults.text('answer')
  if (said !== undefined) return pieces(said)
  if (ask.format === 'json') return slices(JSON.stringify({ answer: lastText(ask) }))
  if (ask.format !== undefined) return slices(JSON.stringify(sample(ask.format.schema)))
  return pieces(sentence(ask))
}

function sentence(ask: Ask): string {
  const last = ask.turns.at(-1)
  if (last?.role === 'tool') return `The tools answered: ${toolResults(ask)}`
  const told = /\breply with:\s*([\s\S]+)$/i.exec(lastText(ask))?.[1]
  if (told !== undefined) return told
  const media = last?.media ?? []
  const seen = media.length === 0 ? '' : `I see ${media.join(' and ')}. `
  return `${seen}You said: ${lastText(ask)}`
}

function lastText(ask: Ask): string {
  return ask.turns.findLast(turn => turn.role === 'user')?.text ?? ''
}

/** The results at the end of the prompt. */
function toolResults(ask: Ask): string {
  const from = ask.turns.findLastIndex(turn => turn.role !== 'tool') + 1
  return ask.turns
    .slice(from)
    .map(turn => turn.text)
    .join('; ')
}

function toolCalls(ask: Ask): ToolCall[] {
  const { tools, choice } = ask
  if (choice === 'none' || tools.length === 0) return []
  const must = choice !== 'auto'
  const possible = typeof choice === 'string' ? tools : tools.filter(tool => choice.includes(tool.name))
  const asked = ask.turns.at(-1)?.role === 'tool' && !must ? [] : named(lastText(ask), possible)
  const [first] = possible
  if (asked.length === 0 && must && first !== undefined) asked.push({ tool: first, given: undefined })
  const wanted = ask.parallel ? asked : asked.slice(0, 1)
  return wanted.map(({ tool, given }) => {
    return { name: tool.name, arguments: slices(given ?? JSON.stringify(sample(tool.schema) ?? {})) }
  })
}

interface Named {
  readonly tool: Tool
  /** Arguments that stand behind the name, as JSON text. */
  readonly given: string | undefined
}

/** "call get_weather with {"city":"Paris"} and get_time": the tools among them, in order. */
function named(prompt: string, tools: readonly Tool[]): Named[] {
  const found: Named[] = []
  const start = /\bcall\s+/i.exec(prompt)
  let at = start === null ? prompt.length : start.index + start[0].length
  while (at < prompt.length) {
    const word = /^[\s,]*(?:and\s+)?([\w.-]+?)(?=[.,;!?]?(?:\s|$))/.exec(prompt.slice(at))
    const tool = word && tools.find(each => each.name === word[1])
    if (!word || !tool) break
    at += word[0].length
    const given = /^\s+with\s+(?=\{)/.exec(prompt.slice(at))
    const json = given === null ? undefined : jsonAt(prompt, at + given[0].length)
    if (given !== null && json !== undefined) at += given[0].length + json.length
    found.push({ tool, given: json })
  }
  return found
}

/** The object that begins there, as it is written. */
function jsonAt(prompt: string, from: number): string | undefined {
  for (let end = prompt.indexOf('}', from); end !== -1; end = prompt.indexOf('}', end + 1)) {
    try {
      const json = prompt.slice(from, end + 1)
      JSON.parse(json)
      return json
    } catch {
      // not closed yet
    }
  }
  return undefined
}

/** Ends before the first of the client's stop texts. */
function stopped(all: string[], stop: readonly string[]): { pieces: string[]; by: string | undefined } {
  const text = all.join('')
  let by: string | undefined
  let at = text.length
  for (const each of stop) {
    const found = each === '' ? -1 : text.indexOf(each)
    if (found === -1 || found >= at) continue
    at = found
    by = each
  }
  return by === undefined ? { pieces: all, by } : { pieces: pieces(text.slice(0, at)), by }
}

/** As much as the limit lets through; an answer that was cut counts the whole limit. */
function limited(all: readonly string[], limit: number | undefined): { kept: string[]; count: number; cut: boolean } {
  const kept: string[] = []
  let count = 0
  for (const piece of all) {
    const more = tokens(piece)
    if (limit !== undefined && count + more > limit) {
      if (limit > count) kept.push(piece.slice(0, limit - count))
      return { kept, count: limit, cut: true }
    }
    kept.push(piece)
    count += more
  }
  return { kept, count, cut: false }
}

function sum(all: readonly string[]): number {
  return all.reduce((total, piece) => total + tokens(piece), 0)
}
