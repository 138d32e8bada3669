import { ContextView, Json, PromptView } from '@sluice/plugin-sdk/assembly'

/** What a request asks for, which is remembered until the answer is there. */
@final
export class Wanted {
  constructor(
    /** Whether answers to it are looked at. */
    readonly isJson: bool,
    /** Whether the answer has to be an object, as OpenAI's json_object has it. */
    readonly isObject: bool,
    /** MISSING: any JSON. */
    readonly schema: Json
  ) {}
}

/** What the gateway keeps of a binding's state at most, without what else is kept. */
const MAX_SCHEMA: i32 = 60_000

let always = false

export function prepareWanted(looksAtAll: bool): void {
  always = looksAtAll
}

/** The state in which what a request asks for is remembered. */
export function remembered(prompt: PromptView): Json {
  const format = prompt.parameters().get('response_format')
  const type = format.get('type').asString()
  const state = Json.object().set('json', Json.bool(always || type.startsWith('json')))
  state.set('object', Json.bool(type == 'json_object'))
  const schema = format.has('schema') ? format.get('schema') : format.get('json_schema').get('schema')
  // A longer one is the provider's to check; the answer has to be JSON all the same.
  if (schema.isObject && schema.toBytes().length <= MAX_SCHEMA) {
    state.set('schema', schema)
  }
  return state
}

export function stateOf(view: ContextView): Json {
  const state = Json.parseBytes(view.state)
  return state === null ? Json.object().set('json', Json.bool(always)) : state
}

export function wantedOf(state: Json): Wanted {
  return new Wanted(state.get('json').asBool(), state.get('object').asBool(), state.get('schema'))
}
