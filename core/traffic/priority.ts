import type { HeaderList } from '../base/headers.js'

/** Classes of traffic, the most important first: who is let in first, and shed last. */
export const PRIORITIES = ['critical', 'default', 'bulk'] as const
export type Priority = (typeof PRIORITIES)[number]

/** Which class the exchanges of a route have. */
export interface PriorityRule {
  readonly class: Priority
  /** Classes of consumers that have another. */
  readonly consumers: ReadonlyMap<string, Priority>
  /** The tag in which a policy may say the class. */
  readonly tag: string | undefined
}

export function isPriority(text: string): text is Priority {
  return PRIORITIES.some(each => each === text)
}

/** Whether the class is known before any policy has run. */
export function isFixed(rule: PriorityRule): boolean {
  return rule.tag === undefined && rule.consumers.size === 0
}

/** What a policy said last counts more than who asks, and that more than the route. */
export function priorityOf(rule: PriorityRule, consumer: string, tags: HeaderList): Priority {
  if (rule.tag !== undefined) {
    for (let i = tags.length - 2; i >= 0; i -= 2) {
      const value = tags[i + 1] ?? ''
      if (tags[i] === rule.tag && isPriority(value)) return value
    }
  }
  return rule.consumers.get(consumer) ?? rule.class
}
