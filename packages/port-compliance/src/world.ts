/** The world that the adapters under test stand in. */
export interface World {
  /** Lets time pass until `promise` settles. The real world awaits it, a virtual one runs its timeline. */
  until: <T>(promise: Promise<T>) => Promise<T>
  /** Leaves no process, file, port or timer behind. */
  close: () => Promise<void>
}

/** Makes a fresh world for one fact. */
export type Setup<Ports> = () => Promise<Ports & World>

/** `until` of every adapter to the real world, where time passes by itself. */
export async function inRealTime<T> (promise: Promise<T>): Promise<T> {
  return await promise
}

/** States one fact: `story` is told in a world of its own, in which it may simply await what the ports promise. */
export type Fact<Ports> = (title: string, story: (ports: Ports) => Promise<void>) => void

export function factsIn<Ports> (setup: Setup<Ports>): Fact<Ports> {
  return (title, story) => {
    it(title, async () => {
      const world = await setup()
      try {
        await world.until(story(world))
      } finally {
        await world.close()
      }
    })
  }
}
