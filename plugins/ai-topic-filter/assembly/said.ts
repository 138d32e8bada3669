import { PromptView } from '@sluice/plugin-sdk/assembly'
import { asideIn, besideMessages, saidIn, unplacedIn } from '@sluice/plugin-sdk/assembly/beside-messages'

/** What a prompt says, by those whose words count. */
@final
export class Said {
  constructor(
    private readonly roles: string[],
    private readonly turnOnly: bool
  ) {}

  /** What topics are denied in. */
  read(prompt: PromptView): string[] {
    return this.from(prompt, this.turnOnly ? turnBegin(prompt) : 0)
  }

  readAll(prompt: PromptView): string[] {
    return this.from(prompt, 0)
  }

  private from(prompt: PromptView, first: i32): string[] {
    let texts: string[] = []
    for (let i = first; i < prompt.messages.length; i++) {
      const message = prompt.messages.at(i)
      const role = message.role
      if (!this.roles.includes(role == 'developer' ? 'system' : role)) continue
      texts.push(saidIn(message))
      texts = texts.concat(asideIn(message))
    }
    const unplaced = unplacedIn(prompt)
    for (let i = 0; i < unplaced.length; i++) if (this.roles.includes(unplaced[i].role)) texts.push(unplaced[i].text)
    return this.roles.includes('user') ? texts.concat(besideMessages(prompt)) : texts
  }
}

/** The first message behind the last answer of the model. An answer at the very end is one the client wrote, for the model to go on with. */
function turnBegin(prompt: PromptView): i32 {
  let i = prompt.messages.length - 1
  while (i >= 0 && prompt.messages.at(i).role == 'assistant') i--
  while (i >= 0 && prompt.messages.at(i).role != 'assistant') i--
  return i + 1
}
