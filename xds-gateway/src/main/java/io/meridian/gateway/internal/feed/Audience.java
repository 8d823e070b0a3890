package io.meridian.gateway.internal.feed;

import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.gateway.internal.registry.Publishes;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one mesh: tells those whose resources are others now, with one task per event loop, and no one else. Confined to the mesh's
 * thread, but for {@link #busy}.
 */
final class Audience {
    /** Hears of each kind of failure once per publish. */
    interface FailureListener {
        void onFailure(Proxy first, int proxies, Throwable cause);
    }

    private final Publishes publishes;
    private final FailureListener failureListener;
    private final Map<ViewLoop, Map<ViewSubscriber, Seat>> loops = new HashMap<>();
    private final AtomicInteger tasks = new AtomicInteger();

    /** {@code view}: what it is to have, as far as was asked; null if it has to be told whatever comes. */
    private static final class Seat {
        private final ViewSubscriber subscriber;
        private @Nullable ProxyView view;

        private Seat(ViewSubscriber subscriber) {
            this.subscriber = subscriber;
        }
    }

    /** What each is to have now, in one publish. */
    private static final class Turns {
        private final @Nullable Function<Proxy, ProxyView> views;
        private final boolean each;
        /** By what they had. */
        private final IdentityHashMap<ProxyView, ProxyView> found = new IdentityHashMap<>();

        private Turns(@Nullable Function<Proxy, ProxyView> views, boolean each) {
            this.views = views;
            this.each = each;
        }

        /** Null if nobody's view can be had. */
        @Nullable
        ProxyView of(Seat seat) {
            if (views == null) {
                return null;
            }
            ProxyView before = seat.view;
            if (each || before == null) {
                return views.apply(seat.subscriber.proxy());
            }
            ProxyView known = found.get(before);
            if (known == null) {
                known = views.apply(seat.subscriber.proxy());
                found.put(before, known);
            }
            return known;
        }
    }

    private record Delivery(ViewSubscriber to, ProxyView view) {}

    private record Task(ViewLoop loop, List<Delivery> deliveries, List<ViewSubscriber> failed) {}

    private static final class Failure {
        private final Proxy first;
        private final Throwable cause;
        private int proxies;

        private Failure(Proxy first, Throwable cause) {
            this.first = first;
            this.cause = cause;
        }
    }

    Audience(Publishes publishes, FailureListener failureListener) {
        this.publishes = publishes;
        this.failureListener = failureListener;
    }

    void add(ViewSubscriber subscriber) {
        loops.computeIfAbsent(subscriber.loop(), loop -> new LinkedHashMap<>()).put(subscriber, new Seat(subscriber));
    }

    /** False if it was not there. */
    boolean remove(ViewSubscriber subscriber) {
        Map<ViewSubscriber, Seat> ofLoop = loops.get(subscriber.loop());
        return ofLoop != null && ofLoop.remove(subscriber) != null;
    }

    /** Whether a loop has yet to take what it was told. From any thread. */
    boolean busy() {
        return tasks.get() > 0;
    }

    /**
     * Tells everyone whose view has other resources than the last one.
     *
     * @param views may throw for proxies whose view cannot be had; null: nobody's can
     * @param each whether it has to be asked for each; if not, those who were told one instance last have one again
     * @param sinceNanos when the oldest of what changed came
     */
    void tell(Position position, @Nullable Function<Proxy, ProxyView> views, boolean each, long sinceNanos) {
        Turns turns = new Turns(views, each);
        Map<String, Failure> failures = new LinkedHashMap<>();
        List<Task> told = new ArrayList<>();
        loops.values().removeIf(Map::isEmpty);
        loops.forEach((loop, seats) -> {
            Task task = task(loop, seats.values(), turns, failures);
            if (!task.deliveries().isEmpty() || !task.failed().isEmpty()) {
                told.add(task);
            }
        });
        run(position, told, sinceNanos);
        report(failures);
    }

    /** Tells one that was just added. */
    void tell(
            ViewSubscriber subscriber, Position position, @Nullable Function<Proxy, ProxyView> views, long sinceNanos) {
        Map<ViewSubscriber, Seat> ofLoop = loops.getOrDefault(subscriber.loop(), Map.of());
        Seat seat = ofLoop.get(subscriber);
        if (seat != null) {
            Map<String, Failure> failures = new LinkedHashMap<>();
            run(
                    position,
                    List.of(task(subscriber.loop(), List.of(seat), new Turns(views, true), failures)),
                    sinceNanos);
            report(failures);
        }
    }

    @SuppressWarnings("ReferenceEquality") // the compiler gives the same instance for as long as nothing changed
    private static Task task(ViewLoop loop, Collection<Seat> seats, Turns turns, Map<String, Failure> failures) {
        List<Delivery> deliveries = new ArrayList<>();
        List<ViewSubscriber> failed = new ArrayList<>();
        for (Seat seat : seats) {
            ProxyView before = seat.view;
            try {
                ProxyView view = turns.of(seat);
                if (view == null) {
                    seat.view = null;
                    failed.add(seat.subscriber);
                } else {
                    // Even if it tells the same: it may be that of other proxies now.
                    seat.view = view;
                    if (before == null || view.resources() != before.resources()) {
                        deliveries.add(new Delivery(seat.subscriber, view));
                    }
                }
            } catch (RuntimeException | StackOverflowError e) {
                seat.view = null;
                failed.add(seat.subscriber);
                Failure failure =
                        failures.computeIfAbsent(e.toString(), text -> new Failure(seat.subscriber.proxy(), e));
                failure.proxies++;
            }
        }
        return new Task(loop, deliveries, failed);
    }

    private void run(Position position, List<Task> told, long sinceNanos) {
        Publishes.Publish publish = publishes.begin(position, told.size());
        for (Task task : told) {
            tasks.incrementAndGet();
            Runnable work = () -> {
                try {
                    task.deliveries().forEach(delivery -> delivery.to().onView(delivery.view(), sinceNanos));
                    task.failed().forEach(ViewSubscriber::onCompileFailed);
                } finally {
                    tasks.decrementAndGet();
                    task.loop().whenTold(publish::done);
                }
            };
            try {
                task.loop().execute(work);
            } catch (RejectedExecutionException e) {
                // The server is closing, and its streams with it.
                tasks.decrementAndGet();
                publish.done();
            }
        }
    }

    /** A scope's proxies fail alike: one line for all of them. */
    private void report(Map<String, Failure> failures) {
        failures.values().forEach(failure -> failureListener.onFailure(failure.first, failure.proxies, failure.cause));
    }

    /** Tells everyone that the mesh is gone; what comes after that they will be told anew. */
    void tellDeleted() {
        loops.forEach((loop, seats) -> {
            List<ViewSubscriber> told = List.copyOf(seats.keySet());
            seats.values().forEach(seat -> seat.view = null);
            try {
                loop.execute(() -> told.forEach(ViewSubscriber::onMeshDeleted));
            } catch (RejectedExecutionException e) {
                // The server is closing, and its streams with it.
                return;
            }
        });
    }
}
