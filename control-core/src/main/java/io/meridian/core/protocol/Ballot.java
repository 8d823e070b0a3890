package io.meridian.core.protocol;

import io.meridian.api.events.v1.Takeover;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the answers to a candidate amount to. */
record Ballot(Turn turn, Run run) {

    /** A promise that stands in the way. */
    Optional<Epoch> higherPromise() {
        return denied().map(entry -> entry.getValue().promised())
                .filter(promised -> promised.compareTo(run.epoch()) >= 0)
                .max(Comparator.naturalOrder());
    }

    /** Who has not answered. */
    List<PeerView> silent() {
        return turn.at.peers().stream()
                .filter(peer -> !run.answers().containsKey(peer.id()))
                .toList();
    }

    /** Whether it has a majority, or needs none. */
    boolean isEnough() {
        return run.granted() >= turn.majority() || run.request().withoutMajority();
    }

    String noMajority() {
        List<String> denied = denied().map(
                        entry -> entry.getKey() + ": " + entry.getValue().why())
                .sorted()
                .toList();
        List<PeerView> silent = silent();
        return run.granted() + " of " + turn.voters() + " voters promised, a majority is " + turn.majority()
                + (silent.isEmpty() ? "" : "; no answer from " + names(silent))
                + (denied.isEmpty() ? "" : "; refused " + denied)
                + ". Bring one of them back, or waive the majority (--without-majority) if you know that the others are gone";
    }

    /** The furthest head among those who promised. A witness knows heads but has no events to give. */
    Optional<Map.Entry<RegionId, Head>> furthest() {
        return granted()
                .filter(entry -> !entry.getValue().witness())
                .map(entry -> Map.entry(entry.getKey(), entry.getValue().head()))
                .max(Comparator.comparing(entry -> entry.getValue().position()));
    }

    /** On what grounds the epoch is opened behind {@code base}. */
    Takeover takeover(Head base) {
        Head last = lastKnownOfHome(base);
        return Takeover.newBuilder()
                .setLastKnownHomeHead(last.position().toProto())
                .setEventsAtRisk(
                        Math.max(0, last.position().seq() - base.position().seq()))
                .setWithoutMajority(run.granted() < turn.majority())
                .setAutomatic(run.request().automatic())
                .addAllPromisedBy(
                        granted().map(entry -> entry.getKey().name()).sorted().toList())
                .addAllUnheard(turn.at.peers().stream()
                        .filter(peer -> !(run.answers().get(peer.id()) instanceof Run.Granted))
                        .map(peer -> peer.id().name())
                        .sorted()
                        .toList())
                .build();
    }

    /** The furthest that anybody has heard of, the heads of those who promised and of those who did not included. */
    private Head lastKnownOfHome(Head base) {
        Stream<Head> promised = granted().map(entry -> entry.getValue().head());
        Stream<Head> told = turn.at.peers().stream().flatMap(peer -> peer.head().stream());
        return Stream.concat(promised, told)
                .filter(head -> head.position().compareTo(base.position()) > 0)
                .max(Comparator.comparing(Head::position))
                .orElse(base);
    }

    private Stream<Map.Entry<RegionId, Run.Granted>> granted() {
        return run.answers().entrySet().stream()
                .flatMap(entry -> entry.getValue() instanceof Run.Granted granted
                        ? Stream.of(Map.entry(entry.getKey(), granted))
                        : Stream.empty());
    }

    private Stream<Map.Entry<RegionId, Run.Denied>> denied() {
        return run.answers().entrySet().stream()
                .flatMap(entry -> entry.getValue() instanceof Run.Denied denied
                        ? Stream.of(Map.entry(entry.getKey(), denied))
                        : Stream.empty());
    }

    static String names(List<PeerView> peers) {
        return peers.stream().map(peer -> peer.id().name()).sorted().toList().toString();
    }
}
