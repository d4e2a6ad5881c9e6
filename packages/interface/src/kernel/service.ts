/** A part of the kernel with a life of its own. */
export interface Service {
  readonly name: string
  /** May rely on the services that were started before it; throws a CloudError when the world does not let it start. */
  start (): Promise<void>
  /** Ends timers and subscriptions; never throws. */
  stop (): Promise<void>
}
