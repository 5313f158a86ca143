package io.paxos.replica;

import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/** The thread of a replica that calls the user's code. It takes one task at a time: {@link Callbacks} gives no more. */
final class CallbackThread implements Executor {
    private final Thread thread;
    private volatile Runnable task; // null when it was taken
    private volatile boolean isClosing; // never false again

    CallbackThread(final String name) {
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public void execute(final Runnable newTask) {
        assert task == null : "a second task";
        task = newTask;
        LockSupport.unpark(thread);
    }

    /** The thread ends after the task that it has, if it has one. */
    void close() {
        isClosing = true;
        LockSupport.unpark(thread);
    }

    /** Returns whether the thread has ended. An interrupt does not end the wait: it is for later. */
    boolean awaitEnd(final long timeoutNs) {
        return Uninterruptibly.join(thread, timeoutNs);
    }

    @SuppressWarnings("ThreadPriorityCheck") // a yield costs less than the wake-up that it often saves
    private void run() {
        final IdleYields yields = new IdleYields();
        while (true) {
            final Runnable next = task;
            if (next != null) {
                task = null;
                yields.found();
                next.run();
            } else if (isClosing) {
                return;
            } else if (yields.next(false)) {
                Thread.yield();
            } else {
                LockSupport.park(this);
            }
        }
    }
}
