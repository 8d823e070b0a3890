package io.meridian.chaos.simulation;

import io.meridian.core.protocol.Input;
import io.meridian.core.protocol.Output;
import io.meridian.model.log.EventEnvelope;
import java.util.List;

/** Inputs and outputs in a line each, for the trace of a failing seed. */
final class Words {
    private Words() {}

    static String of(Input input) {
        return switch (input) {
            case Input.Execute execute ->
                "execute " + execute.request().commandId() + " expected " + execute.expected();
            case Input.Append append ->
                "append " + of(append.envelopes()) + " of source epoch " + append.sourceEpoch()
                        + (append.stored().isEmpty() ? "" : " with hashes");
            case Input.Acknowledged(var region, var head) -> region + " holds " + head.position();
            case Input.PromiseGranted(var region, var epoch, var head, var witness, var members) ->
                region + " promised " + epoch + ", holds " + head.position();
            case Input.Fetched(var region, var after, var envelopes) ->
                "fetched from " + region + " after " + after + ": " + of(envelopes);
            case Input.BranchReported reported ->
                "branch of " + reported.origin() + " behind " + reported.fork().position() + ": "
                        + of(reported.envelopes());
            default -> input.toString();
        };
    }

    static String of(Output output) {
        return switch (output) {
            case Output.Write(var manifest, var segment) ->
                "write " + manifest
                        + segment.map(log -> " "
                                        + of(log.events().stream()
                                                .map(event -> event.envelope())
                                                .toList()))
                                .orElse("");
            case Output.ReadHashes(var append, var seqs) -> "read hashes " + seqs;
            case Output.HeadMoved(var head) -> "head " + head.position();
            case Output.Appended(var token, var head, var stopped) ->
                "appended up to " + head.position() + (stopped == null ? "" : ", stopped by " + stopped);
            case Output.HomeMoved(var token, var moved) -> "home moved to " + moved.getToRegion();
            default -> output.toString().replace('\n', ' ');
        };
    }

    static String of(List<EventEnvelope> envelopes) {
        StringBuilder words = new StringBuilder("[");
        for (EventEnvelope envelope : envelopes) {
            words.append(words.length() > 1 ? ", " : "")
                    .append(envelope.position())
                    .append(' ')
                    .append(envelope.header().getType())
                    .append(
                            envelope.header().getCommandId().isEmpty()
                                    ? ""
                                    : " " + envelope.header().getCommandId());
        }
        return words.append(']').toString();
    }
}
