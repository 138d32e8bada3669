import { secretMistake, secretOf, Settings } from '@sluice/plugin-sdk/assembly'

/** A shared secret and who signs with it. */
@final
export class Key {
  constructor(
    readonly id: string,
    readonly secret: Uint8Array,
    readonly consumer: string,
    readonly tags: string[] | null,
    readonly disabled: bool
  ) {}
}

/** The keys by their ids. */
@final
export class Keys {
  private readonly byId: Map<string, Key> = new Map<string, Key>()

  /** Takes the keys of the settings. Returns "" or what is wrong with them. */
  fill(given: Settings[]): string {
    for (let i = 0; i < given.length; i++) {
      const each = given[i]
      const where = 'keys[' + i.toString() + ']'
      if (each.has('secret') == each.has('secretBase64')) {
        return where + ' must have exactly one of secret and secretBase64'
      }
      const secret = secretOf(each)
      if (secret === null) return where + secretMistake
      const id = each.string('id')
      if (this.byId.has(id)) return where + '.id is that of another key'
      this.byId.set(id, new Key(id, secret, each.string('consumer'), each.pairs('tags'), each.bool('disabled')))
    }
    return ''
  }

  /** null when there is none of that id. */
  find(id: string): Key | null {
    return this.byId.has(id) ? this.byId.get(id) : null
  }
}
