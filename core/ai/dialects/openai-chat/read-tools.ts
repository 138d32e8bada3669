import type { ChatTool, Reasoning, ResponseFormat, ToolChoice } from '../../chat.js'
import { customTool as standIn } from '../../custom-tools.js'
import { isObject, type Members } from '../../members.js'
import { placed } from '../../places.js'
import { textIn } from './lenient.js'
import { cacheControl, type Extra, keepRest } from './parts.js'

/** `tools`, or the `functions` that came before them. */
export function readTools(body: Members, extra: Extra): ChatTool[] | undefined {
  const functions = body.list('functions') && body.objects('functions').map(each => functionTool(each, extra))
  if (body.list('tools') === undefined) return functions
  return [...body.objects('tools').flatMap(tool => readTool(tool, extra) ?? []), ...(functions ?? [])]
}

/** A tool of a kind that only its provider knows (a web search) is none here: it is kept by its path. */
function readTool(tool: Members, extra: Extra): ChatTool | undefined {
  const type = tool.optionalText('type') ?? 'function'
  if (type !== 'function' && type !== 'custom') {
    extra.set(tool.path, tool.object)
    return undefined
  }
  const definition = tool.within(type) ?? tool.fail(type, 'an object', undefined)
  const cache_control = cacheControl(tool)
  const read = type === 'custom' ? customTool(definition, extra) : functionTool(definition, extra)
  keepRest(tool, extra)
  return placed({ ...read, cache_control: cache_control ?? read.cache_control }, tool.path)
}

function functionTool(fn: Members, extra: Extra): ChatTool {
  const tool = {
    name: fn.text('name'),
    description: fn.optionalText('description'),
    parameters: fn.record('parameters'),
    strict: fn.flag('strict'),
    cache_control: cacheControl(fn)
  }
  keepRest(fn, extra)
  return placed(tool, fn.path)
}

function customTool(custom: Members, extra: Extra): ChatTool {
  const name = custom.text('name')
  const tool = standIn(name, custom.optionalText('description'), custom.record('format'))
  keepRest(custom, extra)
  return tool
}

/** The name under which the tools that may be called are kept: what a choice among allowed ones says besides its mode. */
export const ALLOWED_TOOLS = 'tool_choice.allowed_tools'

/** `tool_choice`, or the `function_call` that came before it. */
export function readToolChoice(body: Members, extra: Extra): ToolChoice | undefined {
  const value = body.any('tool_choice') ?? body.any('function_call')
  if (value === undefined || value === 'auto' || value === 'none' || value === 'required') return value
  if (value === 'any') return 'required' // Mistral
  if (!isObject(value)) return body.fail('tool_choice', '"auto", "none", "required" or an object', value)
  const { type } = value
  if (type === 'allowed_tools') return allowedTools(body, extra)
  const named = isObject(value.function) ? value.function : isObject(value.custom) ? value.custom : value
  const name = textIn(named.name)
  return name === '' ? body.fail('tool_choice', 'the name of a function', value) : { name }
}

function allowedTools(body: Members, extra: Extra): ToolChoice {
  const choice = body.within('tool_choice')?.within('allowed_tools')
  const mode = choice?.text('mode')
  if (mode !== 'auto' && mode !== 'required') {
    return body.fail('tool_choice.allowed_tools.mode', '"auto" or "required"', mode)
  }
  extra.set(ALLOWED_TOOLS, choice?.list('tools') ?? [])
  return mode
}

/** One of a kind that only its provider knows (a grammar) is kept by its name. */
export function readFormat(body: Members, extra: Extra): ResponseFormat | undefined {
  const format = body.within('response_format')
  const type = format?.text('type')
  if (format === undefined || type === undefined) return undefined
  if (type === 'text' || type === 'json_object') {
    keepRest(format, extra)
    return { type }
  }
  if (type !== 'json_schema') {
    extra.set('response_format', format.object)
    return undefined
  }
  const schema = format.within('json_schema') ?? format.fail('json_schema', 'an object', undefined)
  return {
    type,
    name: schema.optionalText('name') ?? 'response',
    schema: schema.record('schema') ?? {},
    strict: schema.flag('strict'),
    description: schema.optionalText('description')
  }
}

/**
 * How much to think: `reasoning_effort`, OpenRouter's `reasoning`, or the `thinking` that Anthropic, DeepSeek, Zhipu, Volcengine and Moonshot have.
 */
export function readReasoning(body: Members, extra: Extra): Reasoning | undefined {
  const said = body.within('reasoning')
  const thinking = body.within('thinking')
  const effort = body.optionalText('reasoning_effort') ?? said?.optionalText('effort') ?? switched(said, thinking)
  const budget_tokens = said?.count('max_tokens') ?? thinking?.count('budget_tokens')
  const summary = said?.optionalText('summary') ?? DISPLAYS[thinking?.optionalText('display') ?? '']
  if (said !== undefined) keepRest(said, extra)
  if (thinking !== undefined) keepRest(thinking, extra)
  const free = FREE.has(thinking?.optionalText('type') ?? '')
  if (effort === undefined && budget_tokens === undefined && summary === undefined && !free) return undefined
  return { effort, budget_tokens, summary }
}

/** Thinking as much as the model likes: Anthropic's word for it, and Volcengine's. */
const FREE: ReadonlySet<string> = new Set(['adaptive', 'auto'])

/** Anthropic's words for whether thoughts are shown. */
const DISPLAYS: Readonly<Record<string, string | undefined>> = {
  __proto__: undefined,
  omitted: 'none',
  summarized: 'auto'
}

/** The effort that stands for thinking that is just on or off. */
function switched(said: Members | undefined, thinking: Members | undefined): string | undefined {
  const enabled = said?.flag('enabled')
  const type = thinking?.text('type')
  if (enabled === false || type === 'disabled') return 'none'
  const bounded = said?.any('max_tokens') ?? thinking?.any('budget_tokens')
  return (enabled === true || type === 'enabled') && bounded === undefined ? 'medium' : undefined
}
