/** Sends `signal` to every process of a group; one that is empty, or holds only processes of others, is left alone. */
export function signalGroup(leader, signal) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0; // nearly every task leaves an empty group, and a trace costs more than all the rest of this
    try {
        process.kill(-leader, signal);
    }
    catch (error) {
        const { code } = error;
        if (code !== 'ESRCH' && code !== 'EPERM')
            throw error;
    }
    finally {
        Error.stackTraceLimit = stackTraceLimit;
    }
}
//# sourceMappingURL=process-group.js.map