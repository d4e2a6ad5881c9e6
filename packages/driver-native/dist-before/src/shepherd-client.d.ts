import { type AbortOptions, type Clock, type Logger } from '@welkin/interface';
import { type Answers, type News, type Order, type ShepherdOptions } from './protocol.ts';
export interface ShepherdClientOptions {
    directory: string;
    shepherd: ShepherdOptions;
    clock: Clock;
    log: Logger;
    onNews(news: News): void;
    /** The connection broke: the shepherd has died, or something is wrong with it. */
    onLost(): void;
}
/** The driver's end of the connection to its shepherd, who is found or started when there is something to ask. */
export declare class ShepherdClient {
    #private;
    constructor(options: ShepherdClientOptions);
    /** Whether there ever was a shepherd here; without one, nothing is known of any task. */
    hasHistory(): Promise<boolean>;
    /**
     * Rejects as the shepherd answers, ECONNRESET when it died meanwhile, ECANCELED after `close`. `tail`: bytes that go
     * with the order.
     */
    ask<Call extends Order['call']>(order: Extract<Order, {
        call: Call;
    }>, { signal, tail }?: AbortOptions & {
        tail?: Uint8Array;
    }): Promise<{
        answer: Answers[Call];
        tail: Uint8Array;
    }>;
    /** Lets go of the shepherd. */
    close(): Promise<void>;
}
