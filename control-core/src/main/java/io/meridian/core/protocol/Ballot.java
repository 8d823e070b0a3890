package io.meridian.core.protocol;

import io.meridian.api.events.v1.Takeover;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.Member;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
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
        return turn.members.peers().stream()
                .filter(peer -> !run.answers().containsKey(peer.id()))
                .toList();
    }

    /** Whether it has a majority, or needs none. */
    boolean isEnough() {
        return isMajority() || run.request().withoutMajority();
    }

    private boolean isMajority() {
        return counted().count() >= turn.members.majority();
    }

    /** Promises of regions that are members by the candidate's log, and that know of no others. */
    private Stream<Map.Entry<RegionId, Run.Granted>> counted() {
        return granted()
                .filter(entry -> turn.members.contains(entry.getKey()))
                .filter(entry -> !knowsOthers(entry.getValue().members()));
    }

    /**
     * Whether the members changed beyond the candidate's log: then its majority may be none. Not said of a log that is about to grow; the question comes
     * again when it has.
     */
    private boolean knowsOthers(MembersNote known) {
        Position own = turn.state.judged().head().position();
        boolean growing = furthest()
                .filter(best -> best.getValue().position().compareTo(own) > 0)
                .isPresent();
        return !growing
                && known.at().compareTo(own) > 0
                && !known.changed().equals(turn.members.view().changed());
    }

    String noMajority() {
        List<String> denied = denied().map(
                        entry -> entry.getKey() + ": " + entry.getValue().why())
                .sorted()
                .toList();
        List<PeerView> silent = silent();
        List<String> others = granted()
                .filter(entry -> knowsOthers(entry.getValue().members()))
                .map(entry -> entry.getKey() + ": the members of position "
                        + entry.getValue().members().at() + ", which no region that promised holds")
                .sorted()
                .toList();
        return counted().count() + " of " + turn.members.voters() + " voters promised, a majority is "
                + turn.members.majority()
                + (others.isEmpty() ? "" : "; knows of others " + others)
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
                .setWithoutMajority(!isMajority())
                .setAutomatic(run.request().automatic())
                .addAllPromisedBy(
                        granted().map(entry -> entry.getKey().name()).sorted().toList())
                .addAllUnheard(turn.members.view().members().stream()
                        .map(Member::region)
                        .filter(region -> !(run.answers().get(region) instanceof Run.Granted))
                        .map(RegionId::name)
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
