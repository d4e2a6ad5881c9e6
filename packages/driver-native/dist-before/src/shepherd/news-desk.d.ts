import type { ObjectId } from '@welkin/interface';
import type { UnixConnection } from '@welkin/link-unix';
import { type EndedTask } from '../protocol.ts';
/** Tells every daemon that is connected what happened. */
export declare class NewsDesk {
    #private;
    /** How many are connected. */
    get readers(): number;
    /** Tells `connection` from now until it ends. */
    serve({ closed, link }: UnixConnection): Promise<void>;
    tellEnded(task: EndedTask): void;
    tellGrown(id: ObjectId): void;
}
