package io.meridian.replicator.core;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * One mesh's follower. Immutable. It holds no cursor that would outlive it: each stream opens with the head of the replica's own log.
 *
 * @param source whom to follow
 * @param lastStream the number of the last stream that was opened; 0 if none
 * @param failures in a row, since the last verified progress
 * @param appendInFlight whether an append is not answered yet, of whatever stream
 * @param homeHead what the source last said of its own head
 * @param readable the regions whose topics can be read
 * @param route by which way events are to come
 * @param held offers that came before they could be taken
 */
public record FollowerState(
        Optional<Source> source,
        Phase phase,
        long lastStream,
        int failures,
        boolean appendInFlight,
        Optional<Head> homeHead,
        Set<RegionId> readable,
        Route route,
        Held held) {

    /** {@code sinceMillis}: when the first of them came. */
    public record Held(PVector<FollowerInput.Offered> offers, long sinceMillis) {
        static final Held NOTHING = new Held(TreePVector.empty(), 0);

        Held plus(FollowerInput.Offered offer, long nowMillis) {
            return new Held(offers.plus(offer), offers.isEmpty() ? nowMillis : sinceMillis);
        }

        int events() {
            return offers.stream().mapToInt(offer -> offer.envelopes().size()).sum();
        }
    }

    /** Who gives the log of {@code epoch}: the home in that turn, or, to a home that lost it, a region that still holds it. */
    public record Source(RegionId region, Epoch epoch) {
        /**
         * Whom {@code self} follows: the region that the highest known epoch names. If that is {@code self} and its own log is of an earlier epoch, as
         * with an older copy of its disk, it follows whoever holds most.
         *
         * @param own head
         * @param told heads of the other regions
         * @param byIndex the other regions; empty for one that is not known or keeps no events
         */
        public static Optional<Source> of(
                RegionId self, Head own, Map<RegionId, Head> told, IntFunction<Optional<RegionId>> byIndex) {
            Optional<Map.Entry<RegionId, Head>> furthest = told.entrySet().stream()
                    .max(Comparator.comparing(entry -> entry.getValue().position()));
            Epoch held = own.position().epoch();
            Epoch epoch = furthest.map(entry -> entry.getValue().position().epoch())
                    .filter(other -> other.compareTo(held) > 0)
                    .orElse(held);
            if (epoch.isNone()) {
                return Optional.empty();
            }
            if (epoch.regionIndex() != self.index()) {
                return byIndex.apply(epoch.regionIndex()).map(region -> new Source(region, epoch));
            }
            return epoch.equals(held)
                    ? Optional.empty()
                    : furthest.flatMap(entry -> byIndex.apply(entry.getKey().index()))
                            .map(region -> new Source(region, epoch));
        }
    }

    public sealed interface Phase {
        /** Nobody to follow. */
        record Idle() implements Phase {}

        /** Until the next attempt. */
        record Waiting(long untilMillis, String why) implements Phase {}

        /** The own head is being read, to open with it. */
        record ReadingHead() implements Phase {}

        /** Whether the own log has {@code fork}, which the source named on {@code stream}, is being looked up. */
        record CheckingFork(long stream, Head fork, Lineage lineage) implements Phase {}

        /**
         * @param durable the furthest event of the source's branch that is known to be in the own log; where the stream opened at a fork, what
         *     the own log has behind it is no part of that branch
         * @param lineage of the own branch when the stream opened
         * @param verifiedAtMillis when events were last committed, or the home's head was last seen to be ours
         * @param queue received, not yet given to an append
         * @param appending of this stream, given to an append
         */
        record Following(
                long stream,
                Head durable,
                Lineage lineage,
                long verifiedAtMillis,
                PVector<Batch> queue,
                List<Batch> appending)
                implements Phase {
            Following with(Head nowDurable, long nowVerifiedAtMillis) {
                return new Following(stream, nowDurable, lineage, nowVerifiedAtMillis, queue, appending);
            }

            Following with(PVector<Batch> nowQueue, List<Batch> nowAppending) {
                return new Following(stream, durable, lineage, verifiedAtMillis, nowQueue, nowAppending);
            }

            /** Of those that came by the stream. */
            int unacknowledgedEvents() {
                return events(false);
            }

            /** Of those that came by the topic. */
            int offeredEvents() {
                return events(true);
            }

            /** What comes behind everything that came on this stream. */
            long nextSeq() {
                long last = batches()
                        .mapToLong(batch -> batch.envelopes().getLast().seq())
                        .max()
                        .orElse(0);
                return Math.max(last, durable.position().seq()) + 1;
            }

            private int events(boolean offered) {
                return batches()
                        .filter(batch -> batch.isOffered() == offered)
                        .mapToInt(batch -> batch.envelopes().size())
                        .sum();
            }

            private Stream<Batch> batches() {
                return Stream.concat(appending.stream(), queue.stream());
            }
        }

        /** As long as the source is the same home in the same turn, see {@link FollowerOutput.Stopped}. */
        record Stopped(String reason) implements Phase {}
    }

    /**
     * What came in one message of the stream, or of one turn in one offer.
     *
     * @param sourceEpoch of the source's head when it sent this; of what comes by the topic, the events' own
     * @param offer the number of the offer; 0 if it came by the stream
     */
    public record Batch(Epoch sourceEpoch, List<EventEnvelope> envelopes, long offer) {
        public Batch {
            envelopes = List.copyOf(envelopes);
        }

        public Batch(Epoch sourceEpoch, List<EventEnvelope> envelopes) {
            this(sourceEpoch, envelopes, 0);
        }

        boolean isOffered() {
            return offer > 0;
        }

        int bytes() {
            return envelopes.stream()
                    .mapToInt(envelope ->
                            envelope.headerBytes().size() + envelope.payload().size())
                    .sum();
        }
    }

    public static FollowerState initial() {
        return new FollowerState(
                Optional.empty(),
                new Phase.Idle(),
                0,
                0,
                false,
                Optional.empty(),
                Set.of(),
                Route.STREAM,
                Held.NOTHING);
    }

    /** The numbers of the offers that are not done with: the others' events are durable, or known already, or given up and to come by the stream. */
    public Set<Long> offers() {
        Set<Long> numbers = new HashSet<>();
        held.offers().forEach(offer -> numbers.add(offer.number()));
        if (phase instanceof Phase.Following following) {
            following.batches().filter(Batch::isOffered).forEach(batch -> numbers.add(batch.offer()));
        }
        return numbers;
    }

    FollowerState in(Phase next) {
        return new FollowerState(source, next, lastStream, failures, appendInFlight, homeHead, readable, route, held);
    }

    /** Another region, or nobody. */
    FollowerState from(Optional<Source> next) {
        Route first = next.filter(other -> topicServes(other, readable)).isPresent() ? Route.TOPIC : Route.STREAM;
        return new FollowerState(next, phase, lastStream, 0, appendInFlight, Optional.empty(), readable, first, held);
    }

    /** A region's topic has what the region wrote in its own turns, and nothing else. */
    static boolean topicServes(Source source, Set<RegionId> readable) {
        return readable.contains(source.region())
                && source.epoch().regionIndex() == source.region().index();
    }

    /** The same region in another turn. */
    FollowerState inTurn(Source next) {
        return new FollowerState(
                Optional.of(next), phase, lastStream, failures, appendInFlight, homeHead, readable, route, held);
    }

    FollowerState opening(long stream, Phase.Following next) {
        return new FollowerState(source, next, stream, failures, appendInFlight, homeHead, readable, route, held);
    }

    FollowerState failed(int count) {
        return new FollowerState(source, phase, lastStream, count, appendInFlight, homeHead, readable, route, held);
    }

    FollowerState appending(boolean inFlight) {
        return new FollowerState(source, phase, lastStream, failures, inFlight, homeHead, readable, route, held);
    }

    FollowerState told(Head head) {
        return new FollowerState(
                source, phase, lastStream, failures, appendInFlight, Optional.of(head), readable, route, held);
    }

    FollowerState readable(Set<RegionId> regions) {
        return new FollowerState(
                source, phase, lastStream, failures, appendInFlight, homeHead, Set.copyOf(regions), route, held);
    }

    FollowerState by(Route next) {
        return new FollowerState(source, phase, lastStream, failures, appendInFlight, homeHead, readable, next, held);
    }

    FollowerState holding(Held next) {
        return new FollowerState(source, phase, lastStream, failures, appendInFlight, homeHead, readable, route, next);
    }
}
