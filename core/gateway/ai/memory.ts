import { type ArmStats, MemoryArmStats } from '../../ai/prompts/arm-stats.js'
import { MemoryResponsesStore } from '../../ai/responses-store/memory.js'
import type { ResponsesStore } from '../../ai/responses-store/store.js'
import { type PlaceBook, Places } from './places.js'

/** How many responses are kept for clients that do not send their conversation along, and for how long. */
const RESPONSES = { maxEntries: 10_000, maxBytes: 64 * 1024 * 1024, ttlMs: 24 * 3_600_000 }
/** Completions that can be rated, until a configuration says otherwise. */
const COMPLETIONS = 10_000

/**
 * What later requests refer to, whichever event loop they come to: conversations, where providers keep theirs, how prompts do. It belongs to
 * one thread; others ask that one.
 */
export interface AiMemory {
  /** Responses that were made here by translation. */
  readonly responses: ResponsesStore
  /** Where responses are kept that providers made. */
  readonly places: PlaceBook
  /** How the versions of prompts do. */
  readonly arms: {
    record(...args: Parameters<ArmStats['record']>): void | Promise<void>
    rate(...args: Parameters<ArmStats['rate']>): ReturnType<ArmStats['rate']> | Promise<ReturnType<ArmStats['rate']>>
  }
}

/** The one that remembers. */
export class OwnMemory implements AiMemory {
  readonly responses = new MemoryResponsesStore(RESPONSES, () => performance.now())
  readonly places = new Places()
  readonly arms = new MemoryArmStats(COMPLETIONS)
}

/** The same as methods that another thread can call. */
export interface MemoryCalls {
  responseOf(...args: Parameters<ResponsesStore['get']>): ReturnType<ResponsesStore['get']>
  responseWithItem(...args: Parameters<ResponsesStore['withItem']>): ReturnType<ResponsesStore['withItem']>
  keepResponse(...args: Parameters<ResponsesStore['put']>): ReturnType<ResponsesStore['put']>
  deleteResponse(...args: Parameters<ResponsesStore['delete']>): ReturnType<ResponsesStore['delete']>
  rememberPlace(...args: Parameters<PlaceBook['remember']>): Promise<void>
  placeOf(...args: Parameters<PlaceBook['of']>): Promise<string | undefined>
  forgetPlace(...args: Parameters<PlaceBook['forget']>): Promise<void>
  recordCompletion(...args: Parameters<ArmStats['record']>): Promise<void>
  rateCompletion(...args: Parameters<ArmStats['rate']>): Promise<ReturnType<ArmStats['rate']>>
}

export function asMemoryCalls({ responses, places, arms }: AiMemory): MemoryCalls {
  return {
    responseOf: (owner, id) => responses.get(owner, id),
    responseWithItem: (owner, id) => responses.withItem(owner, id),
    keepResponse: (owner, stored) => responses.put(owner, stored),
    deleteResponse: (owner, id) => responses.delete(owner, id),
    rememberPlace: async (owner, id, account) => places.remember(owner, id, account),
    placeOf: async (owner, id) => places.of(owner, id),
    forgetPlace: async (owner, id) => places.forget(owner, id),
    recordCompletion: async call => arms.record(call),
    rateCompletion: async (feedback, owner) => arms.rate(feedback, owner)
  }
}

/** The memory of another thread. What is kept is known to all when its promise resolves. */
export function remoteMemory(calls: MemoryCalls): AiMemory {
  return {
    responses: {
      get: (owner, id) => calls.responseOf(owner, id),
      withItem: (owner, id) => calls.responseWithItem(owner, id),
      put: (owner, stored) => calls.keepResponse(owner, stored),
      delete: (owner, id) => calls.deleteResponse(owner, id)
    },
    places: {
      remember: (owner, id, account) => calls.rememberPlace(owner, id, account),
      of: (owner, id) => calls.placeOf(owner, id),
      forget: (owner, id) => calls.forgetPlace(owner, id)
    },
    arms: {
      record: call => calls.recordCompletion(call),
      rate: (feedback, owner) => calls.rateCompletion(feedback, owner)
    }
  }
}
