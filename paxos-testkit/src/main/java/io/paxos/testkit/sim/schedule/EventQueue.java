package io.paxos.testkit.sim.schedule;

import java.util.Arrays;

/**
 * The future events of virtual time, ordered by time, then by the order of the calls to {@link #at}.
 *
 * <p>A binary heap of pooled events; steady state allocates nothing.
 */
public final class EventQueue {
    /** Handles an event. */
    public interface Handler<T> {
        /** {@code number} and {@code subject} are the arguments of {@link EventQueue#at}. */
        void handle(long number, T subject);
    }

    private static final class Event {
        long timeNs;
        long sequence;
        Handler<Object> handler; // null: the event is free
        long number;
        Object subject; // of the type that the handler takes; may be null

        boolean isBefore(final Event other) {
            return timeNs != other.timeNs ? timeNs < other.timeNs : sequence < other.sequence;
        }
    }

    private Event[] heap = new Event[64];
    private int size; // of the heap; free events follow it in the array
    private int allocated; // elements of the array that hold an event, in use or free
    private long nextSequence;
    private long nowNs; // never falls
    private long handled;

    public long nowNs() {
        return nowNs;
    }

    /** How many events have been handled. */
    public long handled() {
        return handled;
    }

    public int size() {
        return size;
    }

    /** Adds an event. A time in the past means now. */
    @SuppressWarnings("unchecked") // the signature ensures that the handler takes the subject
    public <T> void at(final long timeNs, final Handler<T> handler, final long number, final T subject) {
        final Event event = take();
        event.timeNs = Math.max(timeNs, nowNs);
        event.sequence = nextSequence++;
        event.handler = (Handler<Object>) handler;
        event.number = number;
        event.subject = subject;
        siftUp(size++, event);
    }

    /** Runs the next event. If it is later than {@code limitNs}, moves time to {@code limitNs} and returns false. */
    public boolean runNext(final long limitNs) {
        if (size == 0 || heap[0].timeNs > limitNs) {
            nowNs = Math.max(nowNs, limitNs);
            return false;
        }
        final Event event = heap[0];
        final Event last = heap[--size];
        heap[size] = event;
        if (size > 0) {
            siftDown(last);
        }
        final Handler<Object> handler = event.handler;
        final Object subject = event.subject;
        event.handler = null;
        event.subject = null;
        nowNs = event.timeNs;
        handled++;
        handler.handle(event.number, subject);
        return true;
    }

    private Event take() {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        if (size == allocated) {
            heap[allocated++] = new Event();
        }
        return heap[size];
    }

    private void siftUp(final int from, final Event event) {
        int index = from;
        while (index > 0) {
            final int parent = (index - 1) >>> 1;
            if (!event.isBefore(heap[parent])) {
                break;
            }
            heap[index] = heap[parent];
            index = parent;
        }
        heap[index] = event;
    }

    private void siftDown(final Event event) {
        int index = 0;
        while (true) {
            int child = 2 * index + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
                child++;
            }
            if (!heap[child].isBefore(event)) {
                break;
            }
            heap[index] = heap[child];
            index = child;
        }
        heap[index] = event;
    }
}
