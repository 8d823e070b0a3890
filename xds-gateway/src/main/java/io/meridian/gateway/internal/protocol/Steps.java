package io.meridian.gateway.internal.protocol;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What each step leads to from each standing, computed once for all streams: a thousand that stand alike and are told the same cost one
 * computation and a look-up each. Thread-safe; what is forgotten is computed again.
 */
final class Steps {
    private static final int MOST_STEPS = 8192;
    /** Standings keep names and resources alive; so many names in all may be in what is remembered. */
    private static final long MOST_NAMES = 500_000;

    private final Differences differences;
    private final NameSets sets;
    private final ConcurrentHashMap<From, Step.Outcome> outcomes = new ConcurrentHashMap<>();
    private final AtomicLong names = new AtomicLong();
    private final AtomicLong computed = new AtomicLong();
    private volatile boolean used;

    // Written out, as is Step.Next: looked up for each stream, and a record's own are slow without the optimising
    // compiler.
    private record From(Standing standing, Step step) {
        @Override
        public boolean equals(@Nullable Object object) {
            return object instanceof From other && standing.equals(other.standing) && step.equals(other.step);
        }

        @Override
        public int hashCode() {
            return standing.hashCode() * 31 + step.hashCode();
        }
    }

    Steps(Differences differences, NameSets sets) {
        this.differences = differences;
        this.sets = sets;
    }

    Step.Outcome take(Standing standing, Step step) {
        From from = new From(standing, step);
        Step.Outcome known = outcomes.get(from);
        if (known != null) {
            return known;
        }
        used = true;
        Step.Outcome outcome = compute(standing, step);
        computed.incrementAndGet();
        if (outcomes.size() >= MOST_STEPS || names.addAndGet(step.names()) > MOST_NAMES) {
            clear();
        }
        // Of two who compute the same at once, both have to go on with the same objects.
        Step.Outcome other = outcomes.putIfAbsent(from, outcome);
        return other == null ? outcome : other;
    }

    private Step.Outcome compute(Standing standing, Step step) {
        Draft draft = new Draft(standing);
        @Nullable Batch batch = null;
        List<String> gone = List.of();
        switch (step) {
            case Step.View(var next) -> draft.view(next, differences);
            case Step.Ask ask -> draft.ask(ask);
            case Step.Want want -> draft.want(want);
            case Step.Again(var told) -> told.changed().forEach(draft::again);
            case Step.Doubt(var told) -> told.told().forEach(draft::doubt);
            case Step.StopAwaiting stop -> draft.stopAwaiting();
            case Step.Next(var form, var removalsAllowed, var chunkBytes) -> {
                Composer composer = new Composer(draft, chunkBytes);
                batch = switch (form) {
                    case DELTA -> composer.delta(removalsAllowed);
                    case PART -> composer.part();
                    case COMPLETE -> composer.complete(removalsAllowed);
                };
                gone = List.copyOf(composer.gone());
            }
        }
        return new Step.Outcome(draft.finish(sets), batch, gone);
    }

    /** How many steps were computed rather than found: the measure of what streams share. */
    long computed() {
        return computed.get();
    }

    /** Forgets everything if nothing was computed since the last call, and says whether it did. */
    boolean forgetIfIdle() {
        boolean forgets = !used && !outcomes.isEmpty();
        if (forgets) {
            clear();
        }
        used = false;
        return forgets;
    }

    void clear() {
        names.set(0);
        outcomes.clear();
    }
}
