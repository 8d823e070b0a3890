package io.meridian.model.istio;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.ByteString;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * From JSON to {@link IstioSpec}. Parses, and so validates, as {@code fieldValidation=Strict} and Istio's webhook do together: all that is
 * wrong is found in one go.
 *
 * <p>Lenient use is the same call with the problems left alone: what cannot be read is unset, so that a spec that was stored under
 * other rules still has a meaning. Never throws for any bytes. Thread-safe.
 */
public final class IstioSpecs {
    /** Deeper JSON than any schema here allows. */
    private static final int MAX_DEPTH = 100;

    private static final JsonMapper JSON = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** {@code problems} in the order of the fields' parsing; errors among them mean that the spec is to be refused. */
    public record Parsed(IstioSpec spec, List<Problem> problems) {
        public Parsed {
            problems = List.copyOf(problems);
        }

        public boolean isValid() {
            return problems.stream().noneMatch(Problem::isError);
        }
    }

    private IstioSpecs() {}

    /** Leniently, as stored. */
    public static IstioSpec parse(Resource resource) {
        return parse(resource.key(), resource.apiVersion(), resource.spec()).spec();
    }

    /**
     * @param apiVersion accepted whatever it is: the served versions of a kind have one schema
     * @throws IllegalArgumentException for a kind that {@link IstioKinds} does not support; such objects are never stored
     */
    public static Parsed parse(ResourceKey key, String apiVersion, ByteString canonicalSpecJson) {
        List<Problem> problems = new ArrayList<>();
        BiFunction<FieldReader, ResourceKey, ? extends IstioSpec> parser = parserOf(key);
        JsonNode json = read(canonicalSpecJson, problems);
        IstioSpec spec = FieldReader.root(json, problems, reader -> parser.apply(reader, key));
        return new Parsed(spec, problems);
    }

    private static BiFunction<FieldReader, ResourceKey, ? extends IstioSpec> parserOf(ResourceKey key) {
        if (IstioKinds.find(key.group(), key.kind()).isEmpty()) {
            throw new IllegalArgumentException("no parser for " + key.group() + "/" + key.kind());
        }
        return switch (key.kind()) {
            case "VirtualService" -> VirtualServiceParser::parse;
            case "DestinationRule" -> DestinationRuleParser::parse;
            case "Gateway" -> GatewayParser::parse;
            case "ServiceEntry" -> ServiceEntryParser::parse;
            case "Sidecar" -> SidecarParser::parse;
            case "WorkloadEntry" -> WorkloadEntryParser::parse;
            default -> throw new IllegalArgumentException("no parser for " + key.group() + "/" + key.kind());
        };
    }

    private static JsonNode read(ByteString json, List<Problem> problems) {
        try {
            JsonNode node = JSON.readTree(json.newInput());
            if (!node.isMissingNode()) {
                return node;
            }
        } catch (IOException e) {
            problems.add(new Problem(
                    Problem.Severity.ERROR,
                    RejectionCode.MALFORMED_MANIFEST,
                    "spec",
                    "spec must be JSON: " + reason(e)));
        }
        return JsonNodeFactory.instance.objectNode();
    }

    private static String reason(IOException e) {
        return e instanceof com.fasterxml.jackson.core.JsonProcessingException json
                ? json.getOriginalMessage()
                : String.valueOf(e.getMessage());
    }
}
