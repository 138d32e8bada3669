import { isIgnorable, PromptView } from '@sluice/plugin-sdk/assembly'
import { asideIn, besideMessages, definitionOf, saidIn, unplacedIn } from '@sluice/plugin-sdk/assembly/beside-messages'

/** Something that is said to the model, and by whom. */
@final
export class Said {
  constructor(
    readonly role: string,
    readonly text: string,
    /** It is beside what the message says, such as a name: it need not be what is allowed. */
    readonly aside: bool = false
  ) {}
}

/** Whose texts of a prompt are looked at. */
@final
export class Reader {
  constructor(
    private readonly roles: string[],
    private readonly turnOnly: bool,
    private readonly definitions: bool
  ) {}

  read(prompt: PromptView): Said[] {
    const texts: Said[] = []
    for (let i = this.turnOnly ? turnBegin(prompt) : 0; i < prompt.messages.length; i++) {
      const message = prompt.messages.at(i)
      const role = roleOf(message.role)
      if (!this.roles.includes(role)) continue
      const text = saidIn(message)
      if (text.length > 0) texts.push(new Said(role, text))
      const aside = asideIn(message)
      for (let at = 0; at < aside.length; at++) texts.push(new Said(role, aside[at], true))
    }
    if (this.roles.includes('user')) {
      const beside = besideMessages(prompt)
      for (let i = 0; i < beside.length; i++) texts.push(new Said('user', beside[i]))
    }
    const unplaced = unplacedIn(prompt)
    for (let i = 0; i < unplaced.length; i++) {
      const role = unplaced[i].role
      const counts = role == 'definition' ? this.definitions : this.roles.includes(role)
      if (counts) texts.push(new Said(role, unplaced[i].text, true))
    }
    if (this.definitions) {
      for (let i = 0; i < prompt.tools.length; i++) {
        texts.push(new Said('definition', definitionOf(prompt.tools.at(i))))
      }
    }
    addBare(texts)
    return texts
  }
}

/** Texts with characters that show nothing once more without them: nobody sees where they part a word. */
function addBare(texts: Said[]): void {
  const count = texts.length
  for (let i = 0; i < count; i++) {
    const said = texts[i]
    const bare = bareText(said.text)
    if (bare.length < said.text.length) texts.push(new Said(said.role, bare, true))
  }
}

function bareText(text: string): string {
  let bare = ''
  let kept = 0
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) < 0xad) continue
    const point = <u32>text.codePointAt(i)
    const size = point > 0xffff ? 2 : 1
    if (isIgnorable(point)) {
      bare += text.substring(kept, i)
      kept = i + size
    }
    i += size - 1
  }
  return kept == 0 ? text : bare + text.substring(kept)
}

/** "developer" is what newer models call "system". */
function roleOf(role: string): string {
  return role == 'developer' ? 'system' : role
}

/** The first message behind the last answer of the model. An answer at the very end is one the client wrote, for the model to go on with. */
function turnBegin(prompt: PromptView): i32 {
  let i = prompt.messages.length - 1
  while (i >= 0 && prompt.messages.at(i).role == 'assistant') i--
  while (i >= 0 && prompt.messages.at(i).role != 'assistant') i--
  return i + 1
}
