package io.meridian.core.admin;

import io.meridian.api.admin.v1.ResolveBranchRequest;
import io.meridian.api.admin.v1.ResolveBranchResponse;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.Finding;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.BranchCodec;
import io.meridian.model.mesh.BranchEntry;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.DivergentBranch;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * ReapplyBranch and DiscardBranch. An entry is brought back by a command of its own, in the branch's order, under a request id that is made of the
 * call's and the entry's position: a repeated call applies none twice. Blocks; runs on virtual threads.
 */
final class BranchResolution {
    /** So that the ids of the entries' commands keep within {@link Writes#MAX_REQUEST_ID_CHARS}. */
    private static final int MAX_REQUEST_ID_CHARS = Writes.MAX_REQUEST_ID_CHARS - 40;

    private final Reads reads;
    private final Writes writes;
    private final BranchReads branches;

    BranchResolution(Reads reads, Writes writes, BranchReads branches) {
        this.reads = reads;
        this.writes = writes;
        this.branches = branches;
    }

    /** What the request is about. {@code named}: its entries in the branch's order; empty if it names none. */
    private record Target(MeshState state, DivergentBranch branch, List<BranchEntry> named) {
        MeshId mesh() {
            return state.id();
        }
    }

    /** What became of the entries' commands. */
    private static final class Results {
        private final Map<Position, CommandOutcome.Accepted> accepted = new LinkedHashMap<>();
        private final Map<Position, List<Violation>> rejected = new LinkedHashMap<>();

        Optional<Position> last() {
            return accepted.values().stream()
                    .map(CommandOutcome.Accepted::position)
                    .max(Position::compareTo);
        }
    }

    ResolveBranchResponse reapply(ResolveBranchRequest request, Call call) throws Exception {
        if (request.getForce() && request.getEntriesCount() == 0) {
            throw Errors.invalid("force", "is for named entries: fill entries");
        }
        Target target = target(request, call);
        List<BranchEntry> asked = request.getEntriesCount() > 0
                ? target.named()
                : target.branch().openEntries().stream()
                        .filter(entry -> entry.assessment() == BranchEntry.Assessment.REAPPLIABLE
                                && !entry.operatorOnly())
                        .toList();
        List<BranchEntry> open = asked.stream().filter(BranchEntry::isOpen).toList();
        String id = requestId(request.getOptions());
        List<EventEnvelope> events =
                open.isEmpty() ? List.of() : branches.events(target.mesh(), target.branch(), call);
        Results results = new Results();
        for (BranchEntry entry : open) {
            MeshCommand command = new MeshCommand.ReapplyBranch(
                    target.branch().name(), entry.last(), of(entry, events), request.getForce());
            WriteOptions options = request.getOptions().toBuilder()
                    .setRequestId(id + "." + entry.last())
                    .build();
            CommandOutcome outcome = Answers.await(
                    writes.execute(writes.request(target.mesh(), command, options, call), call), call);
            switch (outcome) {
                case CommandOutcome.Accepted accepted -> results.accepted.put(entry.last(), accepted);
                case CommandOutcome.Rejected(var violations) -> results.rejected.put(entry.last(), violations);
                case CommandOutcome.Unavailable unavailable ->
                    throw results.accepted.isEmpty()
                            ? Errors.refused(unavailable)
                            : Errors.unknown(id, results.accepted.size() + " entries were brought back before");
                case CommandOutcome.Unknown unknown -> throw Errors.unknown(id, unknown.message());
            }
        }
        return answer(target, asked, results, call);
    }

    ResolveBranchResponse discard(ResolveBranchRequest request, Call call) throws Exception {
        if (request.getForce()) {
            throw Errors.invalid("force", "is for ReapplyBranch");
        }
        Target target = target(request, call);
        List<BranchEntry> asked = request.getEntriesCount() > 0
                ? target.named()
                : target.branch().openEntries();
        List<Position> open = asked.stream()
                .filter(BranchEntry::isOpen)
                .map(BranchEntry::last)
                .toList();
        Results results = new Results();
        if (!open.isEmpty()) {
            MeshCommand command = new MeshCommand.DiscardBranch(target.branch().name(), open);
            CommandOutcome.Accepted accepted = Answers.await(
                    writes.accept(writes.request(target.mesh(), command, request.getOptions(), call), call), call);
            open.forEach(position -> results.accepted.put(position, accepted));
        }
        return answer(target, asked, results, call);
    }

    private Target target(ResolveBranchRequest request, Call call) throws Exception {
        Names.Child name = Names.child("name", request.getName(), BranchReads.COLLECTION);
        Writes.requireReason(request.getOptions());
        if (request.getOptions().hasExpectedPosition()) {
            throw Errors.invalid("options.expected_position", "is not for branches: each entry is a write of its own");
        }
        MeshState state = Answers.await(reads.active(name.mesh(), Optional.empty(), call), call);
        DivergentBranch branch = BranchReads.require(state, name.id());
        Set<Position> named = new HashSet<>();
        for (int i = 0; i < request.getEntriesCount(); i++) {
            String field = "entries[" + i + "]";
            Position position = Names.eventPosition(field, request.getEntries(i), name.mesh());
            if (branch.entry(position).isEmpty()) {
                throw Errors.invalid(
                        field, "no command of branch " + name.id() + " ends at " + position + "; GetBranch lists them");
            }
            named.add(position);
        }
        return new Target(
                state,
                branch,
                branch.entries().stream()
                        .filter(entry -> named.contains(entry.last()))
                        .toList());
    }

    private static String requestId(WriteOptions options) {
        String id = Writes.requestId(options.getRequestId());
        if (id.length() > MAX_REQUEST_ID_CHARS) {
            throw Errors.invalid(
                    "options.request_id", "must be up to " + MAX_REQUEST_ID_CHARS + " characters for branches");
        }
        return id;
    }

    private static List<EventEnvelope> of(BranchEntry entry, List<EventEnvelope> events) {
        return events.stream()
                .filter(event -> event.seq() >= entry.first().seq()
                        && event.seq() <= entry.last().seq())
                .toList();
    }

    /** The entries as they stand after the writes, where this region holds those soon; else as they were, with why one was refused. */
    private ResolveBranchResponse answer(Target target, List<BranchEntry> asked, Results results, Call call)
            throws Exception {
        Optional<MeshState> after = results.last().isEmpty()
                ? Optional.empty()
                : Answers.await(reads.afterWrite(results.last().get(), call), call);
        ResolveBranchResponse.Builder response = ResolveBranchResponse.newBuilder();
        for (BranchEntry before : asked) {
            BranchEntry now = after.map(state -> state.branches().get(target.branch().name()))
                    .flatMap(branch -> branch.entry(before.last()))
                    .orElse(before);
            var shown = BranchCodec.toProto(now).toBuilder();
            List<Violation> violations = results.rejected.getOrDefault(before.last(), List.of());
            if (now.isOpen() && !violations.isEmpty()) {
                shown.setWhy(violations.getFirst().message());
            }
            response.addEntries(shown);
        }
        return response.setWrite(write(target, results)).build();
    }

    private static WriteResponse write(Target target, Results results) {
        List<Finding> findings = new ArrayList<>();
        results.accepted.values().stream().distinct().forEach(accepted -> findings.addAll(accepted.findings()));
        return WriteResponse.newBuilder()
                .setPosition(
                        results.last().orElse(target.state().head().position()).toProto())
                .addAllWarnings(findings)
                .setReplayed(!results.accepted.isEmpty()
                        && results.accepted.values().stream().allMatch(CommandOutcome.Accepted::replayed))
                .setUnchanged(results.accepted.values().stream().allMatch(CommandOutcome.Accepted::unchanged))
                .build();
    }
}
