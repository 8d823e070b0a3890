package io.meridian.core.protocol;

import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.Member;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.mesh.Membership;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshCommand.MembersNow;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogState;
import io.meridian.persistence.ManifestEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;

/**
 * Which regions vote on a mesh and hold its log (docs/adr/0019). The log says it; while it says nothing, the configuration does. A witness, which has no
 * log, and a region that has yet to follow are told by the home, and note it durably.
 *
 * <p>One region joins or leaves at a time, and the next only when a majority of the members holds the change before in the home's own epoch: so any two
 * majorities that could come into question at one time have a region in common.
 */
final class Members {
    /** Between two tries to tell a region. */
    private static final long TELL_MILLIS = 1_000;
    /** A witness notes a head that moved at most so often: its record is never shortened. */
    private static final long TELL_HEAD_MILLIS = 600_000;

    private final Turn turn;
    private final ProtocolState state;
    private @Nullable List<Member> configured;

    Members(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
    }

    // Who they are.

    /** As the log says up to the event that is judged next; a witness's as it was told. */
    MembersNote view() {
        return turn.settings.witness() ? known() : of(state.judged());
    }

    /** The later of what the log says and what this region was told. */
    MembersNote known() {
        MembersNote log = of(state.judged());
        MembersNote noted = state.noted;
        return noted != null
                        && (turn.settings.witness()
                                || noted.at().compareTo(log.head().position()) > 0)
                ? noted
                : log;
    }

    private MembersNote of(LogState log) {
        MeshState folded = log.state();
        Position none = Position.before(turn.mesh());
        Position changed = folded.membership().map(Membership::changed).orElse(none);
        List<Lineage.Segment> segments = folded.lineage().segments();
        Position opening = segments.isEmpty()
                ? none
                : new Position(
                        turn.mesh(),
                        segments.getLast().epoch(),
                        segments.getLast().baseSeq() + 1);
        return new MembersNote(
                changed.compareTo(opening) > 0 ? changed : opening,
                changed,
                folded.membership().map(Membership::members).orElseGet(this::configured),
                log.head());
    }

    /** Those of a mesh whose log names none. */
    private List<Member> configured() {
        if (configured == null) {
            List<Member> members = new ArrayList<>();
            if (!turn.settings.reserve()) {
                members.add(self());
            }
            turn.at.peers().stream()
                    .filter(peer -> !peer.reserve())
                    .map(Members::member)
                    .forEach(members::add);
            members.sort(Comparator.comparingInt(member -> member.region().index()));
            configured = List.copyOf(members);
        }
        return configured;
    }

    private Member self() {
        return new Member(turn.self(), turn.settings.witness());
    }

    private static Member member(PeerView peer) {
        return new Member(peer.id(), peer.witness());
    }

    boolean contains(RegionId region) {
        return view().contains(region);
    }

    /**
     * Whether what {@code region} holds counts for a synchronous write. One that joined does when a majority holds that it did: before, a candidate may yet
     * count without it, and meet nobody who holds the write.
     */
    boolean counts(RegionId region) {
        boolean joining = state.judged().state().membership().stream()
                .flatMap(membership -> membership.joined().stream())
                .anyMatch(joined -> joined.region().equals(region));
        return contains(region) && (!joining || isSettled());
    }

    boolean isMember() {
        return contains(turn.self());
    }

    int voters() {
        return view().members().size();
    }

    int majority() {
        return voters() / 2 + 1;
    }

    /** Those other members that are configured here. One that is not counts all the same, and never answers. */
    List<PeerView> peers() {
        MembersNote view = view();
        return turn.at.peers().stream().filter(peer -> view.contains(peer.id())).toList();
    }

    /** Other members that have not told all their heads since this process started. */
    List<RegionId> unheard() {
        List<RegionId> heard = turn.at.peers().stream()
                .filter(PeerView::heard)
                .map(PeerView::id)
                .toList();
        return view().members().stream()
                .map(Member::region)
                .filter(region -> !region.equals(turn.self()) && !heard.contains(region))
                .toList();
    }

    /**
     * Those, and regions that are no members and may hold events all the same, that have not told all their heads since this process started. Who the members are
     * may have been forgotten with a disk.
     */
    List<RegionId> unheardHolders() {
        Stream<RegionId> others = turn.at.peers().stream()
                .filter(peer -> !peer.witness() && !peer.heard())
                .map(PeerView::id);
        return Stream.concat(unheard().stream(), others).distinct().toList();
    }

    /** "since position 65.12", of what is {@link #view}. */
    String since() {
        Position changed = view().changed();
        return changed.seq() == 0 ? "by configuration" : "since position " + changed;
    }

    /**
     * Why this region promises {@code candidate} nothing. Whoever knows more of the members decides: a candidate whose log goes beyond what is known here
     * knows better whether it is one.
     */
    Optional<String> refusal(RegionId candidate, Position head) {
        MembersNote known = known();
        if (known.changed().compareTo(head) <= 0) {
            return Optional.empty();
        }
        RegionId stranger = !known.contains(candidate) ? candidate : turn.self();
        return known.contains(stranger)
                ? Optional.empty()
                : Optional.of("region " + stranger + " is no member of mesh " + turn.mesh() + " since position "
                        + known.changed());
    }

    /** Why this region grants the home of {@code epoch} no lease. */
    Optional<String> refusal(Epoch epoch) {
        MembersNote known = known();
        return known.changed().seq() > 0
                        && known.changed().epoch().compareTo(epoch) >= 0
                        && !known.contains(turn.self())
                ? Optional.of("region " + turn.self() + " is no member of mesh " + turn.mesh() + " since position "
                        + known.changed())
                : Optional.empty();
    }

    // How they change.

    static boolean isChange(MeshCommand command) {
        return command instanceof MeshCommand.JoinRegion || command instanceof MeshCommand.LeaveRegion;
    }

    /** Whether its answer waits for a majority. */
    static boolean needsMajority(CommandRequest request) {
        return !request.validateOnly()
                && switch (request.command()) {
                    case MeshCommand.JoinRegion join -> !join.withoutMajority();
                    case MeshCommand.LeaveRegion leave -> !leave.withoutMajority();
                    default -> false;
                };
    }

    /** The request with what it is to be judged on. */
    CommandRequest informed(CommandRequest request) {
        return switch (request.command()) {
            case MeshCommand.CreateMesh create -> request.with(new MeshCommand.CreateMesh(create.spec(), configured()));
            case MeshCommand.UpdateMesh update ->
                request.with(new MeshCommand.UpdateMesh(update.spec(), update.fields(), configured()));
            case MeshCommand.JoinRegion join ->
                request.with(new MeshCommand.JoinRegion(join.region(), join.withoutMajority(), now(join.region())));
            case MeshCommand.LeaveRegion leave ->
                request.with(new MeshCommand.LeaveRegion(leave.region(), leave.withoutMajority(), now("")));
            default -> request;
        };
    }

    private MembersNow now(String joining) {
        List<Member> regions = new ArrayList<>();
        regions.add(self());
        turn.at.peers().stream().map(Members::member).forEach(regions::add);
        return new MembersNow(configured(), regions, unfit(joining), pending());
    }

    private String unfit(String joining) {
        Optional<PeerView> found = turn.peer(joining);
        if (found.isEmpty()) {
            return "";
        }
        PeerView peer = found.get();
        if (!peer.reachable()) {
            return "does not answer; it can join when it does";
        }
        boolean former = state.judged().state().membership().stream()
                .flatMap(membership -> membership.former().stream())
                .anyMatch(left -> left.region().equals(peer.id()));
        return former
                        && !peer.witness()
                        && peer.heard()
                        && peer.head().isEmpty()
                        && peer.promised().isNone()
                ? "was a member with the index " + peer.id().index() + " and holds nothing of mesh " + turn.mesh()
                        + " now: its promises are lost with its disk; give it a new index"
                : "";
    }

    /** Why no change can be made now; empty if one can. */
    private String pending() {
        MembersNote view = view();
        List<String> holders = holders(view);
        return holders.size() >= majority()
                ? ""
                : "the members of mesh " + turn.mesh() + " as of position " + view.at() + " are known to "
                        + holders.size() + " of " + voters() + " (" + String.join(", ", holders)
                        + "); the next change comes when a majority of " + majority()
                        + " holds them. Try again, or waive it (--without-majority) if you know that the others are gone";
    }

    /** Whether a majority of the members holds durably who they are, in this epoch. */
    boolean isSettled() {
        return holders(view()).size() >= majority();
    }

    private List<String> holders(MembersNote view) {
        return view.members().stream()
                .filter(member -> isHeldBy(member, view.at()))
                .map(member -> member.region().name())
                .toList();
    }

    private boolean isHeldBy(Member member, Position at) {
        RegionId region = member.region();
        if (region.equals(turn.self())) {
            return state.durable.head().position().compareTo(at) >= 0;
        }
        if (member.witness()) {
            return at.equals(state.told.get(region));
        }
        Head held = state.acknowledged.get(region);
        return held != null && held.position().seq() >= at.seq();
    }

    // Who is told.

    void settle() {
        noteOwn();
        tell();
    }

    /** What the log says by now is noted too: whoever does not fold the log reads it there. A region that left follows on until its tails are recorded. */
    private void noteOwn() {
        LogState log = state.durable;
        if (turn.settings.witness() || log.head().isEmpty() || !log.isReadable()) {
            return;
        }
        MembersNote now = of(log);
        MembersNote noted = state.noted;
        boolean ahead = noted != null && noted.at().compareTo(log.head().position()) > 0;
        boolean same =
                noted == null ? now.changed().seq() == 0 : noted.changed().equals(now.changed());
        if (ahead || same || (!now.contains(turn.self()) && turn.tails.hasUnrecorded())) {
            return;
        }
        note(now);
    }

    private void note(MembersNote note) {
        state.noted = note;
        turn.queue.addManifest(List.of(new ManifestEvent.MembersNoted(note)));
    }

    /** A home tells its witnesses, and members that do not follow yet. */
    private void tell() {
        LogState log = state.durable;
        Epoch epoch = log.head().position().epoch();
        boolean home = !log.head().isEmpty()
                && epoch.regionIndex() == turn.self().index()
                && log.isReadable()
                && log.state().successor().isEmpty()
                && state.run == null
                && state.promised.compareTo(epoch) <= 0;
        if (!home) {
            return;
        }
        MembersNote note = of(log);
        if (!note.at().equals(state.toldOf)) {
            state.toldOf = note.at();
            state.told = HashTreePMap.empty();
            state.toldSinceMillis = turn.at.nowMillis();
            state.toldMillis = turn.at.nowMillis() - TELL_MILLIS;
        }
        if (turn.at.nowMillis() - state.toldMillis < TELL_MILLIS) {
            return;
        }
        List<PeerView> listeners =
                peers().stream().filter(peer -> isToBeTold(peer, note)).toList();
        if (!listeners.isEmpty()) {
            state.toldMillis = turn.at.nowMillis();
            listeners.forEach(peer -> turn.outputs.add(new Output.TellMembers(peer.id(), note)));
        }
    }

    private boolean isToBeTold(PeerView peer, MembersNote note) {
        long age = turn.at.nowMillis() - state.toldSinceMillis;
        if (!peer.reachable()) {
            return false;
        }
        if (peer.witness()) {
            boolean holds = note.at().equals(state.told.get(peer.id()));
            return !holds || turn.at.nowMillis() - state.toldMillis >= TELL_HEAD_MILLIS;
        }
        // What it held once may be gone with its disk: then it does not know that it is to follow.
        boolean hasNothing = peer.heard() && peer.head().isEmpty();
        boolean changed = note.changed().seq() > 0 && (hasNothing || !isHeldBy(member(peer), note.at()));
        return age >= TELL_MILLIS && (changed || isElsewhere(peer));
    }

    /** What it holds is on a branch that was given up. If it left there, it follows nobody; by this one it may be a member. */
    private boolean isElsewhere(PeerView peer) {
        LogState log = state.durable;
        return peer.head()
                .filter(head ->
                        !log.state().lineage().holds(head.position(), log.head().position()))
                .isPresent();
    }

    /** This region is told. */
    void told(Input.MembersTold told) {
        MembersNote note = told.note();
        Optional<String> refusal = refusal(told);
        if (refusal.isPresent()) {
            turn.outputs.add(new Output.MembersKept(told.token(), held(), refusal.get()));
            return;
        }
        if (isNews(note)) {
            note(note);
        }
        turn.queue.whenDurable(new Waiting.Noted(told.token()));
    }

    private Optional<String> refusal(Input.MembersTold told) {
        Epoch epoch = told.note().at().epoch();
        if (state.resuming) {
            return Optional.of("region " + turn.self() + " goes over to another branch");
        }
        if (epoch.compareTo(state.promised) < 0) {
            return Optional.of("region " + turn.self() + " promised epoch " + state.promised);
        }
        return turn.peer(told.home())
                        .filter(home -> home.id().index() == epoch.regionIndex())
                        .isEmpty()
                ? Optional.of("region " + told.home() + " is not the one that writes in epoch " + epoch)
                : Optional.empty();
    }

    /** A log that goes as far says it itself. */
    private boolean isNews(MembersNote note) {
        MembersNote noted = state.noted;
        boolean beyondLog = turn.settings.witness()
                || note.at().compareTo(state.judged().head().position()) > 0;
        if (noted == null) {
            return beyondLog;
        }
        int order = note.at().compareTo(noted.at());
        boolean laterHead = turn.settings.witness()
                && order == 0
                && note.head().position().compareTo(noted.head().position()) > 0;
        return beyondLog && (order > 0 || laterHead);
    }

    void durable(Waiting.Noted noted) {
        turn.outputs.add(new Output.MembersKept(noted.token(), held(), ""));
    }

    private Position held() {
        return state.manifest.noted().map(MembersNote::at).orElseGet(() -> Position.before(turn.mesh()));
    }

    /** Another region holds what it was told. */
    void kept(Input.MembersKept kept) {
        if (kept.at().equals(state.toldOf)) {
            state.told = state.told.plus(kept.region(), kept.at());
        }
    }
}
