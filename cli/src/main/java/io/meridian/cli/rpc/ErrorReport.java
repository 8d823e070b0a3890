package io.meridian.cli.rpc;

import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.meridian.api.type.v1.Finding;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A server's refusal in the words of the command: one line for each violation, and the exit code. */
public final class ErrorReport {
    /** Reason of a call that was not begun: the home of the mesh, or a region that was named, does not answer or takes no writes. */
    public static final String REGION_UNAVAILABLE = "REGION_UNAVAILABLE";

    /** Reason of a write that may have happened. */
    public static final String OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN";

    private ErrorReport() {}

    public static CliFailure of(StatusRuntimeException e) {
        ErrorDetails details = ErrorDetails.of(e);
        List<String> lines = new ArrayList<>();
        for (Finding finding : details.findings()) {
            lines.add(finding(finding));
        }
        if (lines.isEmpty()) {
            details.fields().forEach(field -> lines.add(field(field, details)));
            details.preconditions().forEach(violation -> lines.add(precondition(violation)));
        }
        if (lines.isEmpty()) {
            lines.add(bare(e));
        }
        return new CliFailure(exitCode(e), lines);
    }

    /** "FILE:LINE:COL: OBJECT: FIELD: MESSAGE", as far as it is known. Also for warnings. */
    public static String finding(Finding finding) {
        StringBuilder line = new StringBuilder(place(finding.getSource(), finding.getLine(), finding.getColumn()));
        append(line, finding.getObject());
        append(line, finding.getField());
        return line.append(finding.getMessage()).toString();
    }

    private static String field(BadRequest.FieldViolation violation, ErrorDetails details) {
        StringBuilder line = new StringBuilder();
        if (details.fields().size() == 1 && details.infos().size() == 1) {
            // The place of the only violation may stand in the error's info.
            Map<String, String> metadata = details.infos().getFirst().getMetadataMap();
            line.append(place(
                    metadata.getOrDefault("source", ""),
                    number(metadata.getOrDefault("line", "")),
                    number(metadata.getOrDefault("column", ""))));
            String object = metadata.getOrDefault("object", "");
            if (!violation.getDescription().contains(object)) {
                append(line, object);
            }
        }
        if (!violation.getDescription().contains(violation.getField())) {
            append(line, violation.getField());
        }
        return line.append(violation.getDescription()).toString();
    }

    private static String precondition(PreconditionFailure.Violation violation) {
        StringBuilder line = new StringBuilder();
        if (!violation.getDescription().contains(violation.getSubject())) {
            append(line, violation.getSubject());
        }
        return line.append(violation.getDescription()).toString();
    }

    private static String bare(StatusRuntimeException e) {
        String description = e.getStatus().getDescription();
        boolean told = description != null && !description.isEmpty();
        if (told && !reason(e).isEmpty()) {
            // The server's own words, which need no explanation; gRPC's have no reason with them.
            return e.getStatus().getCode() == Code.INTERNAL ? "the server failed: " + description : description;
        }
        String words = switch (e.getStatus().getCode()) {
            case UNAVAILABLE -> "the server is unavailable";
            case DEADLINE_EXCEEDED -> "no answer in time; --timeout gives it longer";
            case UNIMPLEMENTED -> "the server does not know this call; is it a Meridian admin address?";
            case INTERNAL, UNKNOWN -> "the server failed";
            default -> "";
        };
        if (!told || e.getStatus().getCode() == Code.DEADLINE_EXCEEDED) {
            return words.isEmpty() ? e.getStatus().getCode().toString() : words;
        }
        return words.isEmpty() ? description : words + ": " + description;
    }

    private static String place(String source, int line, int column) {
        if (source.isEmpty() && line == 0) {
            return "";
        }
        StringBuilder place = new StringBuilder(source.isEmpty() ? "line" : source);
        if (line > 0) {
            place.append(source.isEmpty() ? " " : ":").append(line);
            if (column > 0) {
                place.append(':').append(column);
            }
        }
        return place.append(": ").toString();
    }

    private static int number(String text) {
        try {
            return text.isEmpty() ? 0 : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static void append(StringBuilder line, String part) {
        if (!part.isEmpty()) {
            line.append(part).append(": ");
        }
    }

    /** The stable code of the refusal; empty if the server gave none. */
    public static String reason(StatusRuntimeException e) {
        return ErrorDetails.of(e).infos().stream()
                .map(ErrorInfo::getReason)
                .findFirst()
                .orElse("");
    }

    private static int exitCode(StatusRuntimeException e) {
        return switch (e.getStatus().getCode()) {
            case INVALID_ARGUMENT, OUT_OF_RANGE, PERMISSION_DENIED, UNAUTHENTICATED -> ExitCode.REFUSED;
            case NOT_FOUND -> ExitCode.NOT_FOUND;
            case ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED -> ExitCode.CONFLICT;
            case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, CANCELLED -> ExitCode.UNAVAILABLE;
            case OK, UNKNOWN, UNIMPLEMENTED, INTERNAL, DATA_LOSS -> ExitCode.INTERNAL;
        };
    }
}
