import type { Buffer } from 'node:buffer'
import { isObject, type JsonObject } from '../../ai/members.js'
import { multipartField, strictParts, withMultipartField } from '../../ai/multipart.js'
import { isSaid, type TextPlace, textPlaces } from '../../ai/prompt-texts.js'
import { splice } from '../../ai/splice.js'
import { Refusal } from '../../base/refusal.js'
import type { Asked } from './asked.js'
import { refuseDuplicates, thereTwice } from './duplicates.js'

/** The texts of a request that is no chat, to be seen and written anew in the request as its client wrote it. */
export interface AskedTexts {
  /** In the order of the request. */
  readonly texts: readonly string[]
  /** All else of it, but for the name of the model and files. */
  parameters(): JsonObject
  set(at: number, text: string): void
  /** Sets a parameter; null: it goes. */
  setParameter(name: string, value: unknown): void
  /** The request as it is now; what nobody changed is byte for byte as it came. */
  asked(): Asked
}

/** @throws Refusal GW_AI_REQUEST_INVALID */
export function textsOf(asked: Asked, contentType: string): AskedTexts {
  if (asked.media === 'multipart') return new FormTexts(asked, contentType)
  refuseDuplicates(asked)
  return new JsonTexts(asked)
}

/** What is the gateway's, or a file. */
const NO_PARAMETERS: ReadonlySet<string> = new Set(['model', 'stream', 'image', 'images', 'inputImage', 'mask', 'file'])

function isParameter(name: string): boolean {
  return !NO_PARAMETERS.has(name) && !isSaid(name)
}

class JsonTexts implements AskedTexts {
  readonly texts: string[]
  private json: JsonObject
  private places: readonly TextPlace[]
  private readonly changed = new Set<string>()
  private isOwn = false

  constructor(private readonly given: Asked) {
    this.json = given.json
    this.places = textPlaces(this.json)
    this.texts = this.places.map(({ text }) => text)
  }

  parameters(): JsonObject {
    return Object.fromEntries(Object.entries(this.json).filter(([name]) => isParameter(name)))
  }

  set(at: number, text: string): void {
    if (this.texts[at] === text) return
    this.own()
    const place = this.places[at]
    if (place === undefined) return
    place.set(text)
    this.texts[at] = text
    this.changed.add(place.member)
  }

  setParameter(name: string, value: unknown): void {
    if (!isParameter(name)) return
    this.own()
    if (value === null) delete this.json[name]
    else this.json[name] = value
    this.changed.add(name)
  }

  asked(): Asked {
    const { given, json, changed } = this
    if (changed.size === 0) return given
    const names = [...changed]
    const edits = {
      set: Object.fromEntries(names.map(name => [name, json[name]])),
      remove: names.filter(name => !Object.hasOwn(json, name))
    }
    return { ...given, json, raw: splice(given.raw, edits) }
  }

  /** Others may still read the request as it came. */
  private own(): void {
    if (this.isOwn) return
    const copy: unknown = JSON.parse(this.given.raw.toString())
    if (isObject(copy)) this.json = copy
    this.places = textPlaces(this.json)
    this.isOwn = true
  }
}

/** Of a form with files only its fields. */
class FormTexts implements AskedTexts {
  readonly texts: string[] = []
  private readonly names: string[] = []
  private readonly others: JsonObject = {}
  private raw: Buffer

  constructor(
    private readonly given: Asked,
    private readonly contentType: string
  ) {
    this.raw = given.raw
    const parts = strictParts(given.raw, contentType)
    if (parts === undefined) throw unreadable()
    for (const { name, text } of parts) {
      if (isSaid(name)) {
        if (text === undefined) throw unreadable()
        if (this.names.includes(name)) throw thereTwice(name, 'form')
        this.names.push(name)
        this.texts.push(text)
      } else if (text !== undefined && isParameter(name)) this.others[name] = text
    }
  }

  parameters(): JsonObject {
    return this.others
  }

  set(at: number, text: string): void {
    const name = this.names[at]
    if (name === undefined || this.texts[at] === text) return
    this.texts[at] = text
    this.write(name, text)
  }

  /** A field is a text; one that is to go is empty. */
  setParameter(name: string, value: unknown): void {
    if (!isParameter(name)) return
    const text = value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
    this.others[name] = text
    this.write(name, text)
  }

  asked(): Asked {
    return this.raw === this.given.raw ? this.given : { ...this.given, raw: this.raw }
  }

  private write(name: string, text: string): void {
    if (multipartField(this.raw, this.contentType, name) === text) return
    this.raw = withMultipartField(this.raw, this.contentType, name, text)
  }
}

function unreadable(): Refusal {
  const detail = 'body: the form is written in a way that servers may read differently'
  return new Refusal('GW_AI_REQUEST_INVALID', detail, [], { param: 'body', detail })
}
