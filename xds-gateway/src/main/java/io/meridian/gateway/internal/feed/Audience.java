package io.meridian.gateway.internal.feed;

import io.meridian.api.feed.v1.HaltedRollouts;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.gateway.internal.registry.Publishes;
import io.meridian.gateway.internal.rollout.Halt;
import io.meridian.gateway.internal.rollout.RolloutPart;
import io.meridian.gateway.internal.rollout.RolloutPolicy;
import io.meridian.gateway.internal.rollout.Stages;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
    /** Null as long as the mesh has no canaries. */
    private @Nullable Stages<ViewSubscriber> stages;
    /** The publishes of the waves that are open: until such a wave is over, nobody has all of its position. */
    private final Map<Long, Publishes.Publish> waves = new HashMap<>();

    private long haltsTold;
    /** Those of waves that ended with the last canaries; they are done with the next publish. */
    private final List<Publishes.Publish> orphaned = new ArrayList<>();

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

    private record Delivery(ViewSubscriber to, ProxyView view, RolloutPart part) {}

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

    /**
     * From the next publish on, {@code policy} says who gets a change first; null: all at once, and what was halted goes out too.
     *
     * @param kept what is halted from the start
     */
    void stage(@Nullable RolloutPolicy policy, HaltedRollouts kept) {
        Stages<ViewSubscriber> staged = stages;
        if (policy == null) {
            endStages();
        } else if (staged != null) {
            staged.policy(policy);
        } else {
            Stages<ViewSubscriber> fresh = new Stages<>(policy);
            fresh.restore(kept, System.nanoTime());
            loops.values()
                    .forEach(seats -> seats.values()
                            .forEach(seat -> fresh.enrol(
                                    seat.subscriber, seat.subscriber.proxy().id(), seat.view)));
            stages = fresh;
        }
    }

    @SuppressWarnings("ReferenceEquality")
    private void endStages() {
        Stages<ViewSubscriber> staged = stages;
        if (staged == null) {
            return;
        }
        for (Map<ViewSubscriber, Seat> seats : loops.values()) {
            for (Seat seat : seats.values()) {
                ProxyView shown = staged.shown(seat.subscriber);
                if (shown != null && seat.view != null && shown.resources() != seat.view.resources()) {
                    seat.view = shown;
                }
            }
        }
        orphaned.addAll(waves.values());
        waves.clear();
        stages = null;
    }

    /** Passes on what a canary says; of no interest without stages. */
    void heard(Consumer<Stages<ViewSubscriber>> said) {
        Stages<ViewSubscriber> staged = stages;
        if (staged != null) {
            said.accept(staged);
        }
    }

    /** What is halted, if that is not what it was when this was last called. */
    Optional<HaltedRollouts> haltsIfChanged() {
        Stages<ViewSubscriber> staged = stages;
        long version = staged == null ? 0 : staged.haltsVersion();
        if (version == haltsTold) {
            return Optional.empty();
        }
        haltsTold = version;
        return Optional.of(staged == null ? HaltedRollouts.getDefaultInstance() : staged.kept());
    }

    /** How many versions of resources are halted. */
    int halted() {
        Stages<ViewSubscriber> staged = stages;
        return staged == null ? 0 : staged.halted();
    }

    /** When {@link #conclude} is to be called, as System.nanoTime; {@link Stages#NEVER} if nothing waits. */
    long nextNanos() {
        Stages<ViewSubscriber> staged = stages;
        return staged == null ? Stages.NEVER : staged.nextNanos();
    }

    /** Gives the others what canaries have answered to, or had their time for; returns what was halted. */
    List<Halt> conclude(long nowNanos, Stages.Explainer explainer) {
        Stages<ViewSubscriber> staged = stages;
        Stages.Conclusion<ViewSubscriber> over = staged == null ? null : staged.conclude(nowNanos, explainer);
        if (over == null) {
            return List.of();
        }
        List<Publishes.Publish> done = new ArrayList<>();
        over.waves().forEach(wave -> {
            Publishes.Publish publish = waves.remove(wave);
            if (publish != null) {
                done.add(publish);
            }
        });
        run(done, tasks(over.deliveries(), List.of()), nowNanos);
        return over.halts();
    }

    void add(ViewSubscriber subscriber) {
        loops.computeIfAbsent(subscriber.loop(), loop -> new LinkedHashMap<>()).put(subscriber, new Seat(subscriber));
        if (stages != null) {
            stages.enrol(subscriber, subscriber.proxy().id(), null);
        }
    }

    /** False if it was not there. */
    boolean remove(ViewSubscriber subscriber) {
        Map<ViewSubscriber, Seat> ofLoop = loops.get(subscriber.loop());
        if (stages != null) {
            stages.leave(subscriber);
        }
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
        Stages<ViewSubscriber> staged = stages;
        if (staged != null) {
            tell(staged, position, turns, failures, sinceNanos);
            report(failures);
            return;
        }
        loops.forEach((loop, seats) -> {
            Task task = task(loop, seats.values(), turns, failures);
            if (!task.deliveries().isEmpty() || !task.failed().isEmpty()) {
                told.add(task);
            }
        });
        run(position, told, sinceNanos);
        report(failures);
    }

    private void tell(
            Stages<ViewSubscriber> staged,
            Position position,
            Turns turns,
            Map<String, Failure> failures,
            long sinceNanos) {
        List<Stages.Next<ViewSubscriber>> nexts = new ArrayList<>();
        List<ViewSubscriber> failed = new ArrayList<>();
        for (Map<ViewSubscriber, Seat> seats : loops.values()) {
            for (Seat seat : seats.values()) {
                boolean anew = seat.view == null;
                ProxyView view = next(seat, turns, failures);
                if (view == null) {
                    failed.add(seat.subscriber);
                } else {
                    nexts.add(new Stages.Next<>(seat.subscriber, view, anew));
                }
            }
        }
        Stages.Publication<ViewSubscriber> publication = staged.publish(position, nexts, System.nanoTime());
        Publishes.Publish publish = publishes.begin(position, 1);
        if (publication.wave() != 0) {
            publish.more(1);
            waves.put(publication.wave(), publish);
        }
        run(List.of(publish), tasks(publication.deliveries(), failed), sinceNanos);
    }

    /** What it is to have; null if that cannot be had. */
    private static @Nullable ProxyView next(Seat seat, Turns turns, Map<String, Failure> failures) {
        ProxyView view = null;
        try {
            view = turns.of(seat);
        } catch (RuntimeException | StackOverflowError e) {
            failures.computeIfAbsent(e.toString(), text -> new Failure(seat.subscriber.proxy(), e)).proxies++;
        }
        seat.view = view;
        return view;
    }

    private static List<Task> tasks(List<Stages.Delivery<ViewSubscriber>> deliveries, List<ViewSubscriber> failed) {
        Map<ViewLoop, Task> tasks = new LinkedHashMap<>();
        deliveries.forEach(delivery -> tasks.computeIfAbsent(
                        delivery.member().loop(), loop -> new Task(loop, new ArrayList<>(), new ArrayList<>()))
                .deliveries()
                .add(new Delivery(delivery.member(), delivery.view(), delivery.part())));
        failed.forEach(subscriber -> tasks.computeIfAbsent(
                        subscriber.loop(), loop -> new Task(loop, new ArrayList<>(), new ArrayList<>()))
                .failed()
                .add(subscriber));
        return List.copyOf(tasks.values());
    }

    /** Tells one that was just added. */
    void tell(
            ViewSubscriber subscriber, Position position, @Nullable Function<Proxy, ProxyView> views, long sinceNanos) {
        Map<ViewSubscriber, Seat> ofLoop = loops.getOrDefault(subscriber.loop(), Map.of());
        Seat seat = ofLoop.get(subscriber);
        if (seat != null) {
            Map<String, Failure> failures = new LinkedHashMap<>();
            Turns turns = new Turns(views, true);
            Stages<ViewSubscriber> staged = stages;
            Task task = staged == null
                    ? task(subscriber.loop(), List.of(seat), turns, failures)
                    : join(staged, seat, turns, failures);
            run(position, List.of(task), sinceNanos);
            report(failures);
        }
    }

    private static Task join(Stages<ViewSubscriber> staged, Seat seat, Turns turns, Map<String, Failure> failures) {
        ProxyView view = next(seat, turns, failures);
        ViewSubscriber subscriber = seat.subscriber;
        if (view == null) {
            return new Task(subscriber.loop(), List.of(), List.of(subscriber));
        }
        Stages.Delivery<ViewSubscriber> told =
                staged.join(subscriber, subscriber.proxy().id(), view, System.nanoTime());
        return new Task(subscriber.loop(), List.of(new Delivery(subscriber, told.view(), told.part())), List.of());
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
                        deliveries.add(new Delivery(seat.subscriber, view, RolloutPart.NONE));
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
        run(List.of(publishes.begin(position, 1)), told, sinceNanos);
    }

    /** Each of {@code publish} has one task left that stands for these. */
    private void run(List<Publishes.Publish> ofPublishes, List<Task> told, long sinceNanos) {
        List<Publishes.Publish> publish = new ArrayList<>(ofPublishes);
        publish.addAll(orphaned);
        orphaned.clear();
        publish.forEach(each -> each.more(told.size()));
        for (Task task : told) {
            tasks.incrementAndGet();
            Runnable work = () -> {
                try {
                    task.deliveries()
                            .forEach(delivery -> delivery.to().onView(delivery.view(), delivery.part(), sinceNanos));
                    task.failed().forEach(ViewSubscriber::onCompileFailed);
                } finally {
                    tasks.decrementAndGet();
                    task.loop().whenTold(() -> publish.forEach(Publishes.Publish::done));
                }
            };
            try {
                task.loop().execute(work);
            } catch (RejectedExecutionException e) {
                // The server is closing, and its streams with it.
                tasks.decrementAndGet();
                publish.forEach(Publishes.Publish::done);
            }
        }
        publish.forEach(Publishes.Publish::done);
    }

    /** A scope's proxies fail alike: one line for all of them. */
    private void report(Map<String, Failure> failures) {
        failures.values().forEach(failure -> failureListener.onFailure(failure.first, failure.proxies, failure.cause));
    }

    /** Tells everyone that the mesh is gone; what comes after that they will be told anew. */
    void tellDeleted() {
        endStages();
        List<Publishes.Publish> ended = List.copyOf(orphaned);
        orphaned.clear();
        ended.forEach(publish -> publish.more(loops.size()));
        loops.forEach((loop, seats) -> {
            List<ViewSubscriber> told = List.copyOf(seats.keySet());
            seats.values().forEach(seat -> seat.view = null);
            try {
                loop.execute(() -> {
                    told.forEach(ViewSubscriber::onMeshDeleted);
                    loop.whenTold(() -> ended.forEach(Publishes.Publish::done));
                });
            } catch (RejectedExecutionException e) {
                // The server is closing, and its streams with it.
                ended.forEach(Publishes.Publish::done);
            }
        });
        ended.forEach(Publishes.Publish::done);
    }
}
