import type { ChatEvent } from '../../events.js'
import { isObject, type JsonObject } from '../../members.js'
import { newId } from './ids.js'
import { countIn, objectOf, optional, textIn } from './lenient.js'
import { argumentsText, thoughtSignature } from './read-response.js'

interface Call {
  /** Counted from 0 in the order they came; undefined: it has no name yet, so it was not told. */
  number: number | undefined
  id: string
  /** Arguments that came before the name. */
  held: string
}

/** The calls of one choice of a stream, however a provider tells their pieces apart. */
export class StreamCalls {
  private readonly byIndex = new Map<number, Call>()
  private last: Call | undefined
  private told = 0

  constructor(private readonly choice: number) {}

  get any(): boolean {
    return this.told > 0
  }

  /** What a piece says: a call that begins, more of its arguments, or both. */
  read(piece: JsonObject): ChatEvent[] {
    const custom = isObject(piece.custom)
    const said = objectOf(custom ? piece.custom : piece.function)
    const name = textIn(said.name)
    const call = this.find(countIn(piece.index), textIn(piece.id), name)
    const text = custom ? textIn(said.input) : argumentsText(said.arguments)
    if (call.number !== undefined) return this.more(call.number, text)
    call.held += text
    if (name === '') return []
    call.number = this.told++
    const signature = thoughtSignature(piece)
    const begin: ChatEvent = {
      type: 'tool_call',
      choice: this.choice,
      call: call.number,
      id: call.id === '' ? newId('call_') : call.id,
      name,
      ...(custom && { custom }),
      ...(optional(signature) !== undefined && { signature })
    }
    return [begin, ...this.more(call.number, call.held)]
  }

  private more(call: number, text: string): ChatEvent[] {
    return text === '' ? [] : [{ type: 'arguments', choice: this.choice, call, text }]
  }

  /**
   * The call that a piece belongs to. By its index, but some give every call index 0 and tell them apart by id, some leave the index
   * out, and some repeat id and name with every piece.
   */
  private find(index: number | undefined, id: string, name: string): Call {
    const known = index === undefined ? this.without(id, name) : this.byIndex.get(index)
    const other = known !== undefined && id !== '' && known.id !== '' && id !== known.id && name !== ''
    if (known !== undefined && !other) {
      if (known.id === '') known.id = id
      this.last = known
      return known
    }
    const call: Call = { number: undefined, id, held: '' }
    this.byIndex.set(index ?? this.byIndex.size, call)
    this.last = call
    return call
  }

  /** Without an index: the one of this id, or the last one when nothing says that another begins. */
  private without(id: string, name: string): Call | undefined {
    if (id !== '') return [...this.byIndex.values()].find(call => call.id === id)
    return name === '' || this.last?.number === undefined ? this.last : undefined
  }
}
