import { PromptView } from '@sluice/plugin-sdk/assembly'

/** What a user asks now: what they have said since the last answer of the model. */
export function askedNow(prompt: PromptView): string {
  let i = prompt.messages.length - 1
  while (i >= 0 && prompt.messages.at(i).role != 'user') i--
  let text = ''
  for (; i >= 0 && prompt.messages.at(i).role == 'user'; i--) {
    const own = prompt.messages.at(i).text
    text = text == '' ? own : own + '\n' + text
  }
  return text
}

/** The message a conversation began with, which every later prompt of it has too. */
export function firstAsked(prompt: PromptView): string {
  for (let i = 0; i < prompt.messages.length; i++) {
    const message = prompt.messages.at(i)
    if (message.role == 'user') return message.text
  }
  return ''
}
