package io.meridian.core.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.ResourceInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.type.v1.Finding;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Refusals of the core as statuses. The first violation decides the code. Details travel in HTTP/2 headers, for which clients allow 8 KiB:
 * what does not fit is counted instead of told.
 */
final class Rejections {
    /** Of all field violations, or all preconditions. With what is below, an answer's headers stay under 8 KiB in base64. */
    private static final int MAX_VIOLATION_BYTES = 1_000;

    /** Of all findings. */
    private static final int MAX_FINDING_BYTES = 1_800;

    /** Of one sentence. As the status's message it is percent-encoded: up to three times as much. */
    private static final int MAX_TEXT_BYTES = 400;

    /** Of one value in the metadata of ErrorInfo. */
    private static final int MAX_VALUE_BYTES = 200;

    /** How a manifest's reader begins its sentences. */
    private static final Pattern PLACED = Pattern.compile("line (\\d+), column (\\d+): (.*)", Pattern.DOTALL);

    private Rejections() {}

    static StatusRuntimeException status(List<Violation> violations) {
        if (violations.isEmpty()) {
            throw new IllegalArgumentException("a rejection without a reason");
        }
        Violation first = violations.getFirst();
        String more = violations.size() == 1 ? "" : " (and " + (violations.size() - 1) + " more)";
        List<Message> details = new ArrayList<>();
        details.add(Errors.info(first.code().name(), metadata(first, violations.size())));
        switch (first.code().category()) {
            case INVALID_ARGUMENT -> details.add(badRequest(violations));
            case NOT_FOUND -> {
                details.add(resource(first));
                if (violations.stream().anyMatch(violation -> !violation.field().isEmpty())) {
                    details.add(badRequest(violations));
                }
            }
            case ALREADY_EXISTS -> details.add(resource(first));
            case FAILED_PRECONDITION, ABORTED -> details.add(preconditions(violations));
        }
        if (violations.stream()
                .anyMatch(violation -> !violation.origin().source().isEmpty())) {
            details.addAll(findings(violations));
        }
        return Errors.status(Status.Code.valueOf(first.code().category().name()), cut(sentence(first)) + more, details);
    }

    /** "reviews.yaml: line 9, column 7: VirtualService default/reviews: spec.http[0].route[0].weight: must not be negative". */
    private static String sentence(Violation violation) {
        StringBuilder sentence = new StringBuilder();
        append(sentence, violation.origin().source());
        Matcher placed = PLACED.matcher(violation.message());
        boolean isPlaced = placed.matches();
        if (isPlaced) {
            append(sentence, "line " + placed.group(1) + ", column " + placed.group(2));
        } else if (violation.origin().line() > 0) {
            append(sentence, "line " + violation.origin().line());
        }
        append(sentence, violation.object());
        append(sentence, violation.field());
        return sentence.append(isPlaced ? placed.group(3) : violation.message()).toString();
    }

    private static void append(StringBuilder sentence, String part) {
        if (!part.isEmpty()) {
            sentence.append(part).append(": ");
        }
    }

    private static Map<String, String> metadata(Violation violation, int count) {
        Map<String, String> metadata = new LinkedHashMap<>();
        put(metadata, "object", violation.object());
        put(metadata, "field", violation.field());
        put(metadata, "source", violation.origin().source());
        Matcher placed = PLACED.matcher(violation.message());
        if (placed.matches()) {
            put(metadata, "line", placed.group(1));
            put(metadata, "column", placed.group(2));
        } else if (violation.origin().line() > 0) {
            put(metadata, "line", Integer.toString(violation.origin().line()));
        }
        put(metadata, "violations", Integer.toString(count));
        return metadata;
    }

    private static void put(Map<String, String> metadata, String key, String value) {
        if (!value.isEmpty()) {
            metadata.put(key, cut(value, MAX_VALUE_BYTES));
        }
    }

    /** What is wrong with files, in parts rather than in sentences: clients make "FILE:LINE:COLUMN: ..." of it. */
    private static List<Finding> findings(List<Violation> violations) {
        List<Finding> findings = new ArrayList<>();
        int bytes = 0;
        for (Violation violation : violations) {
            Finding finding = finding(violation);
            bytes += Any.pack(finding).getSerializedSize();
            if (bytes > MAX_FINDING_BYTES && !findings.isEmpty()) {
                findings.add(Finding.newBuilder()
                        .setLevel(Finding.Level.ERROR)
                        .setMessage(rest(violations, findings.size()))
                        .build());
                return findings;
            }
            findings.add(finding);
        }
        return findings;
    }

    private static Finding finding(Violation violation) {
        Finding.Builder finding = Finding.newBuilder()
                .setLevel(Finding.Level.ERROR)
                .setCode(violation.code().name())
                .setObject(cut(violation.object()))
                .setField(cut(violation.field()))
                .setSource(cut(violation.origin().source()))
                .setLine(violation.origin().line());
        Matcher placed = PLACED.matcher(violation.message());
        return placed.matches()
                ? finding.setLine(number(placed.group(1)))
                        .setColumn(number(placed.group(2)))
                        .setMessage(cut(placed.group(3)))
                        .build()
                : finding.setMessage(cut(violation.message())).build();
    }

    /** Of a place in a file of at most 3 MiB. */
    private static int number(String digits) {
        return digits.length() < 10 ? Integer.parseInt(digits) : 0;
    }

    private static BadRequest badRequest(List<Violation> violations) {
        BadRequest.Builder details = BadRequest.newBuilder();
        int bytes = 0;
        for (Violation violation : violations) {
            BadRequest.FieldViolation field = BadRequest.FieldViolation.newBuilder()
                    .setField(cut(violation.field()))
                    .setReason(violation.code().name())
                    .setDescription(cut(sentence(violation)))
                    .build();
            bytes += field.getSerializedSize();
            if (bytes > MAX_VIOLATION_BYTES && details.getFieldViolationsCount() > 0) {
                return details.addFieldViolations(BadRequest.FieldViolation.newBuilder()
                                .setDescription(rest(violations, details.getFieldViolationsCount())))
                        .build();
            }
            details.addFieldViolations(field);
        }
        return details.build();
    }

    private static PreconditionFailure preconditions(List<Violation> violations) {
        PreconditionFailure.Builder details = PreconditionFailure.newBuilder();
        int bytes = 0;
        for (Violation violation : violations) {
            PreconditionFailure.Violation unmet = PreconditionFailure.Violation.newBuilder()
                    .setType(violation.code().name())
                    .setSubject(cut(violation.object()))
                    .setDescription(cut(sentence(violation)))
                    .build();
            bytes += unmet.getSerializedSize();
            if (bytes > MAX_VIOLATION_BYTES && details.getViolationsCount() > 0) {
                return details.addViolations(PreconditionFailure.Violation.newBuilder()
                                .setDescription(rest(violations, details.getViolationsCount())))
                        .build();
            }
            details.addViolations(unmet);
        }
        return details.build();
    }

    private static String rest(List<Violation> violations, int told) {
        return "and " + (violations.size() - told) + " more";
    }

    private static ResourceInfo resource(Violation violation) {
        ResourceInfo.Builder info = ResourceInfo.newBuilder()
                .setResourceName(cut(violation.object()))
                .setDescription(cut(violation.message()));
        type(violation.code()).ifPresent(type -> info.setResourceType(Errors.resourceType(type)));
        return info.build();
    }

    private static Optional<String> type(RejectionCode code) {
        return switch (code) {
            case MESH_NOT_FOUND, MESH_ALREADY_EXISTS -> Optional.of("Mesh");
            case CLUSTER_NOT_FOUND, CLUSTER_ALREADY_EXISTS -> Optional.of("Cluster");
            case NAMESPACE_NOT_FOUND, NAMESPACE_ALREADY_EXISTS -> Optional.of("Namespace");
            case INGRESS_GATEWAY_NOT_FOUND, INGRESS_GATEWAY_ALREADY_EXISTS -> Optional.of("IngressGateway");
            case RESOURCE_NOT_FOUND -> Optional.of("Resource");
            case REGION_NOT_FOUND -> Optional.of("Region");
            case PROXY_NOT_FOUND -> Optional.of("Proxy");
            case POSITION_NOT_FOUND -> Optional.of("Event");
            case BRANCH_NOT_FOUND, BRANCH_ENTRY_NOT_FOUND -> Optional.of("Branch");
            default -> Optional.empty();
        };
    }

    static String cut(String text) {
        return cut(text, MAX_TEXT_BYTES);
    }

    private static String cut(String text, int maxBytes) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            bytes += utf8Bytes(text.codePointAt(i));
            if (bytes > maxBytes) {
                return text.substring(0, i) + "...";
            }
        }
        return text;
    }

    private static int utf8Bytes(int codePoint) {
        if (codePoint < 0x80) {
            return 1;
        }
        if (codePoint < 0x800) {
            return 2;
        }
        return codePoint < 0x10000 ? 3 : 4;
    }
}
