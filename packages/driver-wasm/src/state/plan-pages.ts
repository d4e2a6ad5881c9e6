import type { BlobId } from '@welkin/interface'

/** What stands where in a state: its memory first, then whole pages of files, then what does not count here. */
export interface PageLayout {
  readonly names: ReadonlyArray<BlobId | ''>
  readonly memoryPages: number
  readonly filePages: number
}

/** How the pages of a state come about. What is not told of the memory stays as it was; of files, it is zeros. */
export interface PagePlan {
  /** Places of pages that the state before had, and where it had them. */
  readonly kept: ReadonlyArray<readonly [place: number, before: number]>
  /** Places of pages of the memory that are zeros. */
  readonly zeros: readonly number[]
  /** Places of pages that have to come. */
  readonly fresh: readonly number[]
}

/** What makes one state of a task out of an earlier one; `before` is undefined where there is none. */
export function planPages (before: PageLayout | undefined, after: PageLayout): PagePlan {
  const kept: Array<readonly [number, number]> = []
  const zeros: number[] = []
  const fresh: number[] = []
  let known: Map<BlobId | '', number> | undefined
  for (let place = 0; place < after.memoryPages + after.filePages; place++) {
    const name = after.names[place] as BlobId | ''
    const isMemory = place < after.memoryPages
    if (isMemory && before !== undefined && place < before.memoryPages && before.names[place] === name) continue
    known ??= placesOf(before)
    const there = known.get(name)
    if (name === '') {
      if (isMemory) zeros.push(place)
    } else if (there === undefined) fresh.push(place)
    else kept.push([place, there])
  }
  return { kept, zeros, fresh }
}

function placesOf (layout: PageLayout | undefined): Map<BlobId | '', number> {
  if (layout === undefined) return new Map()
  const { filePages, memoryPages, names } = layout
  return new Map(names.slice(0, memoryPages + filePages).map((name, place) => [name, place]))
}
