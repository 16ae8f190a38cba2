import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkOutputMultiplexer;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.datastream.WindowedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.source.legacy.SourceFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.operators.source.WatermarkToDataOutput;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.GlobalWindows;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.evictors.CountEvictor;
import org.apache.flink.streaming.api.windowing.evictors.Evictor;
import org.apache.flink.streaming.api.windowing.evictors.TimeEvictor;
import org.apache.flink.streaming.api.windowing.triggers.ContinuousEventTimeTrigger;
import org.apache.flink.streaming.api.windowing.triggers.CountTrigger;
import org.apache.flink.streaming.api.windowing.triggers.EventTimeTrigger;
import org.apache.flink.streaming.api.windowing.triggers.PurgingTrigger;
import org.apache.flink.streaming.api.windowing.triggers.Trigger;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.streaming.runtime.io.PushingAsyncDataInput;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.StatusWatermarkValve;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.apache.flink.util.clock.ManualClock;
import org.apache.flink.util.clock.RelativeClock;

/**
 * Runs streams through Flink: FlinkParity STREAMS.json ANSWERS.json. A stream has the parameters of sluice:RunEventTime; an answer has its watermarks, its firings in
 * order and its late side output. Watermarks come from Flink's generators, multiplexers and valve under a clock that is moved by hand; what comes of them goes through
 * window operators of a local Flink job, many streams in one.
 */
public final class FlinkParity {
    /** Streams in one job: each is a pipeline of its own. */
    private static final int TOGETHER = 25;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final OutputTag<Item> LATE = new OutputTag<Item>("late") {};
    private static final Map<String, List<Map<String, Object>>> FIRINGS = new ConcurrentHashMap<>();
    private static final Map<String, List<String>> LATE_IDS = new ConcurrentHashMap<>();

    /** An element, or a watermark where there is no id. */
    public static final class Item implements java.io.Serializable {
        public String id;
        public String key;
        public long time;
        public long gap;
        /** Processing time. */
        public long at;

        static Item watermark(long time, long at) {
            Item item = new Item();
            item.time = time;
            item.at = at;
            return item;
        }
    }

    public static void main(String[] args) throws Exception {
        JsonNode streams = JSON.readTree(new File(args[0]));
        List<Map<String, Object>> answers = new ArrayList<>();
        for (int from = 0; from < streams.size(); from += TOGETHER) {
            Configuration settings = new Configuration();
            settings.setString("taskmanager.memory.network.min", "256mb");
            settings.setString("taskmanager.memory.network.max", "256mb");
            settings.setString("rest.port", "0");
            StreamExecutionEnvironment flink = StreamExecutionEnvironment.createLocalEnvironment(1, settings);
            for (int at = from; at < Math.min(from + TOGETHER, streams.size()); at++) {
                answers.add(build(flink, String.valueOf(at), streams.get(at)));
            }
            flink.execute();
        }
        JSON.writeValue(new File(args[1]), answers);
    }

    /** Adds a stream's pipeline. Its answer is complete when the job has run. */
    private static Map<String, Object> build(StreamExecutionEnvironment flink, String name, JsonNode stream) throws Exception {
        ArrayList<Item> sequence = sequence(stream);
        List<Object> watermarks = new ArrayList<>();
        sequence.stream().filter(item -> item.id == null).forEach(item -> watermarks.add(List.of(item.at, item.time)));
        FIRINGS.put(name, Collections.synchronizedList(new ArrayList<>()));
        LATE_IDS.put(name, Collections.synchronizedList(new ArrayList<>()));
        KeyedStream<Item, String> keyed = flink.addSource(new Scripted(sequence)).returns(Item.class).setParallelism(1).keyBy(item -> item.key);
        boolean ends = stream.path("EndOfInput").asBoolean(false);
        SingleOutputStreamOperator<Item> fired = windowed(keyed, stream).process(new Record(name, ends));
        fired.sinkTo(new DiscardingSink<>());
        fired.getSideOutput(LATE).map((MapFunction<Item, Item>) item -> {
            LATE_IDS.get(name).add(item.id);
            return item;
        }).returns(Item.class).sinkTo(new DiscardingSink<>());
        Map<String, Object> answer = new HashMap<>();
        answer.put("Watermarks", watermarks);
        answer.put("Firings", FIRINGS.get(name));
        answer.put("LateOutput", LATE_IDS.get(name));
        return answer;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static WindowedStream<Item, String, Window> windowed(KeyedStream<Item, String> keyed, JsonNode stream) {
        JsonNode assigner = stream.get("Assigner");
        JsonNode trigger = stream.path("Trigger");
        JsonNode evictor = stream.path("Evictor");
        WindowedStream windowed;
        if (assigner.get("type").asText().equals("count")) {
            long size = assigner.get("size").asLong();
            windowed = assigner.has("slide") ? keyed.countWindow(size, assigner.get("slide").asLong()) : keyed.countWindow(size);
        } else {
            windowed = keyed.window((WindowAssigner) assigner(assigner));
        }
        if (trigger.isObject() || (trigger.isTextual() && !trigger.asText().equals("default"))) {
            windowed = windowed.trigger(trigger(trigger));
        }
        if (evictor.isObject()) {
            windowed = windowed.evictor(evictor(evictor));
        }
        long lateness = stream.path("AllowedLateness").asLong(0);
        if (lateness > 0) {
            windowed = windowed.allowedLateness(Duration.ofMillis(lateness));
        }
        return windowed.sideOutputLateData(LATE);
    }

    private static WindowAssigner<?, ?> assigner(JsonNode assigner) {
        Duration offset = Duration.ofMillis(assigner.path("offset").asLong(0));
        switch (assigner.get("type").asText()) {
            case "tumbling":
                return TumblingEventTimeWindows.of(Duration.ofMillis(assigner.get("size").asLong()), offset);
            case "sliding":
                return SlidingEventTimeWindows.of(Duration.ofMillis(assigner.get("size").asLong()), Duration.ofMillis(assigner.get("slide").asLong()), offset);
            case "session":
                return EventTimeSessionWindows.withGap(Duration.ofMillis(assigner.get("gap").asLong()));
            case "dynamic_session":
                return EventTimeSessionWindows.withDynamicGap((Item item) -> item.gap);
            case "global":
                return GlobalWindows.create();
            default:
                throw new IllegalArgumentException("no assigner " + assigner);
        }
    }

    private static Trigger<Object, ? extends Window> trigger(JsonNode trigger) {
        if (trigger.isTextual()) {
            return EventTimeTrigger.create();
        }
        if (trigger.has("count")) {
            return CountTrigger.of(trigger.get("count").asLong());
        }
        if (trigger.has("continuous_event_time")) {
            return ContinuousEventTimeTrigger.of(Duration.ofMillis(trigger.get("continuous_event_time").asLong()));
        }
        return PurgingTrigger.of(trigger(trigger.get("purging")));
    }

    private static Evictor<Object, Window> evictor(JsonNode evictor) {
        boolean after = evictor.path("after").asBoolean(false);
        return evictor.has("count")
                ? CountEvictor.of(evictor.get("count").asLong(), after)
                : TimeEvictor.of(Duration.ofMillis(evictor.get("time").asLong()), after);
    }

    /** Notes each firing down: key, window, contents in their order, the watermark then. */
    private static final class Record extends ProcessWindowFunction<Item, Item, String, Window> {
        private final String name;
        private final boolean ends;

        Record(String name, boolean ends) {
            this.name = name;
            this.ends = ends;
        }

        @Override
        public void process(String key, Context context, Iterable<Item> items, Collector<Item> out) {
            // A finite source ends with the greatest watermark, also where the stream goes on.
            if (!ends && context.currentWatermark() == Long.MAX_VALUE) {
                return;
            }
            Map<String, Object> firing = new HashMap<>();
            List<String> ids = new ArrayList<>();
            items.forEach(item -> ids.add(item.id));
            firing.put("Key", key);
            firing.put("Events", ids);
            firing.put("Watermark", context.currentWatermark());
            if (context.window() instanceof TimeWindow) {
                firing.put("Start", ((TimeWindow) context.window()).getStart());
                firing.put("End", ((TimeWindow) context.window()).getEnd());
            }
            FIRINGS.get(name).add(firing);
        }
    }

    /** Emits elements and watermarks as they are given. */
    private static final class Scripted implements SourceFunction<Item> {
        private final ArrayList<Item> sequence;

        Scripted(ArrayList<Item> sequence) {
            this.sequence = sequence;
        }

        @Override
        public void run(SourceContext<Item> context) {
            for (Item item : sequence) {
                if (item.id == null) {
                    context.emitWatermark(new org.apache.flink.streaming.api.watermark.Watermark(item.time));
                } else {
                    context.collectWithTimestamp(item, item.time);
                }
            }
        }

        @Override
        public void cancel() {}
    }

    /** What reaches the window operator, in order: by arrival; of one millisecond, events first, then the ticks of the sources. */
    private static ArrayList<Item> sequence(JsonNode stream) throws Exception {
        ArrayList<Item> sequence = new ArrayList<>();
        long interval = stream.path("EmitInterval").asLong(200);
        long start = stream.get("StartTime").asLong();
        long until = stream.get("Until").asLong();
        int splits = stream.get("Splits").asInt();
        int sources = stream.get("SourceParallelism").asInt();
        ManualClock clock = new ManualClock(TimeUnit.MILLISECONDS.toNanos(start));
        StatusWatermarkValve valve = new StatusWatermarkValve(sources);
        Output downstream = new Output() {
            @Override
            public void emitWatermark(org.apache.flink.streaming.api.watermark.Watermark watermark) {
                sequence.add(Item.watermark(watermark.getTimestamp(), clock.relativeTimeMillis()));
            }
        };
        List<WatermarkOutputMultiplexer> multiplexers = new ArrayList<>();
        for (int source = 0; source < sources; source++) {
            int channel = source;
            multiplexers.add(new WatermarkOutputMultiplexer(new WatermarkToDataOutput(new Output() {
                @Override
                public void emitWatermark(org.apache.flink.streaming.api.watermark.Watermark watermark) throws Exception {
                    valve.inputWatermark(watermark, channel, downstream);
                }

                @Override
                public void emitWatermarkStatus(WatermarkStatus status) throws Exception {
                    valve.inputWatermarkStatus(status, channel, downstream);
                }
            })));
        }
        List<WatermarkGenerator<Item>> generators = new ArrayList<>();
        for (int split = 0; split < splits; split++) {
            multiplexers.get(split % sources).registerNewOutput(String.valueOf(split));
            generators.add(strategy(stream).createWatermarkGenerator(new WatermarkGeneratorSupplier.Context() {
                @Override
                public MetricGroup getMetricGroup() {
                    return new UnregisteredMetricsGroup();
                }

                @Override
                public RelativeClock getInputActivityClock() {
                    return clock;
                }
            }));
        }
        JsonNode events = stream.get("Events");
        int next = 0;
        for (long now = start; now <= until; now++) {
            clock.advanceTime(TimeUnit.MILLISECONDS.toNanos(now) - clock.relativeTimeNanos(), TimeUnit.NANOSECONDS);
            while (next < events.size() && events.get(next).get("ArrivalTime").asLong() == now) {
                JsonNode event = events.get(next++);
                Item item = new Item();
                item.id = event.get("Id").asText();
                item.key = event.get("Key").asText();
                item.time = event.get("EventTime").asLong();
                item.gap = event.path("Gap").asLong(0);
                int split = event.get("Split").asInt();
                sequence.add(item);
                WatermarkOutput output = multiplexers.get(split % sources).getImmediateOutput(String.valueOf(split));
                generators.get(split).onEvent(item, item.time, output);
            }
            if (interval > 0 && (now - start) % interval == 0) {
                for (int source = 0; source < sources; source++) {
                    WatermarkOutputMultiplexer multiplexer = multiplexers.get(source);
                    for (int split = source; split < splits; split += sources) {
                        generators.get(split).onPeriodicEmit(multiplexer.getDeferredOutput(String.valueOf(split)));
                    }
                    multiplexer.onPeriodicEmit();
                }
            }
        }
        return sequence;
    }

    private static WatermarkStrategy<Item> strategy(JsonNode stream) {
        JsonNode said = stream.get("Strategy");
        long bound = said.path("outOfOrderness").asLong(0);
        WatermarkStrategy<Item> strategy;
        switch (said.get("type").asText()) {
            case "bounded":
                strategy = WatermarkStrategy.forBoundedOutOfOrderness(Duration.ofMillis(bound));
                break;
            case "ascending":
                strategy = WatermarkStrategy.forMonotonousTimestamps();
                break;
            case "punctuated":
                strategy = WatermarkStrategy.forGenerator(context -> new WatermarkGenerator<Item>() {
                    private long max = Long.MIN_VALUE + bound + 1;

                    @Override
                    public void onEvent(Item item, long time, WatermarkOutput output) {
                        max = Math.max(max, time);
                        output.emitWatermark(new Watermark(max - bound - 1));
                    }

                    @Override
                    public void onPeriodicEmit(WatermarkOutput output) {}
                });
                break;
            default:
                strategy = WatermarkStrategy.noWatermarks();
        }
        return stream.has("IdleTimeout") ? strategy.withIdleness(Duration.ofMillis(stream.get("IdleTimeout").asLong())) : strategy;
    }

    private abstract static class Output implements PushingAsyncDataInput.DataOutput<Item> {
        @Override
        public void emitRecord(StreamRecord<Item> record) {}

        @Override
        public void emitWatermarkStatus(WatermarkStatus status) throws Exception {}

        @Override
        public void emitLatencyMarker(LatencyMarker marker) {}

        @Override
        public void emitRecordAttributes(RecordAttributes attributes) {}

        @Override
        public void emitWatermark(WatermarkEvent event) {}
    }
}
