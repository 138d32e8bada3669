// generated from policy.proto, do not edit (npm run gen)
// @ts-nocheck: the code is protobufjs's; the types at the end are exact and are what importers see.
import $protobuf from 'protobufjs/minimal.js'

const $number = value => (typeof value === 'object' ? value.toNumber() : value)
var $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
var $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

var $root = $protobuf.roots["sluice.v1"] || ($protobuf.roots["sluice.v1"] = {});

$root.sluice = (function() {

    var sluice = {};

    sluice.v1 = (function() {

        var v1 = {};

        v1.ConfigureInput = (function() {

            var ConfigureInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ConfigureInput.prototype.plugin = "";
            ConfigureInput.prototype.binding = "";
            ConfigureInput.prototype.settings = $util.newBuffer([]);

            ConfigureInput.create = function(properties) {
                return new ConfigureInput(properties);
            };

            ConfigureInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.plugin != null && $Object.hasOwnProperty.call(message, "plugin") && message.plugin !== "")
                    writer.uint32(10).string(message.plugin);
                if (message.binding != null && $Object.hasOwnProperty.call(message, "binding") && message.binding !== "")
                    writer.uint32(18).string(message.binding);
                if (message.settings != null && $Object.hasOwnProperty.call(message, "settings") && message.settings.length)
                    writer.uint32(26).bytes(message.settings);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ConfigureInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.ConfigureInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.plugin = value;
                            else
                                delete message.plugin;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.binding = value;
                            else
                                delete message.binding;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.settings = value;
                            else
                                delete message.settings;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ConfigureInput;
        })();

        v1.ConfigureResult = (function() {

            var ConfigureResult = function (properties) {
                this.input = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ConfigureResult.prototype.error = "";
            ConfigureResult.prototype.input = $util.emptyArray;

            ConfigureResult.create = function(properties) {
                return new ConfigureResult(properties);
            };

            ConfigureResult.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.error != null && $Object.hasOwnProperty.call(message, "error") && message.error !== "")
                    writer.uint32(10).string(message.error);
                if (message.input != null && message.input.length)
                    for (var i = 0; i < message.input.length; ++i)
                        writer.uint32(18).string(message.input[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ConfigureResult.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.ConfigureResult();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.error = value;
                            else
                                delete message.error;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.input && message.input.length))
                                message.input = [];
                            message.input.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ConfigureResult;
        })();

        v1.Context = (function() {

            var Context = function (properties) {
                this.params = [];
                this.tags = [];
                this.bag = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Context.prototype.exchangeId = "";
            Context.prototype.route = "";
            Context.prototype.upstream = "";
            Context.prototype.consumer = "";
            Context.prototype.params = $util.emptyArray;
            Context.prototype.tags = $util.emptyArray;
            Context.prototype.state = $util.newBuffer([]);
            Context.prototype.nowMs = 0;
            Context.prototype.bag = $util.emptyArray;

            Context.create = function(properties) {
                return new Context(properties);
            };

            Context.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.exchangeId != null && $Object.hasOwnProperty.call(message, "exchangeId") && message.exchangeId !== "")
                    writer.uint32(10).string(message.exchangeId);
                if (message.route != null && $Object.hasOwnProperty.call(message, "route") && message.route !== "")
                    writer.uint32(18).string(message.route);
                if (message.upstream != null && $Object.hasOwnProperty.call(message, "upstream") && message.upstream !== "")
                    writer.uint32(26).string(message.upstream);
                if (message.consumer != null && $Object.hasOwnProperty.call(message, "consumer") && message.consumer !== "")
                    writer.uint32(34).string(message.consumer);
                if (message.params != null && message.params.length)
                    for (var i = 0; i < message.params.length; ++i)
                        writer.uint32(42).string(message.params[i]);
                if (message.tags != null && message.tags.length)
                    for (var i = 0; i < message.tags.length; ++i)
                        writer.uint32(50).string(message.tags[i]);
                if (message.state != null && $Object.hasOwnProperty.call(message, "state") && message.state.length)
                    writer.uint32(58).bytes(message.state);
                if (message.nowMs != null && $Object.hasOwnProperty.call(message, "nowMs") && (typeof message.nowMs === "object" ? message.nowMs.low || message.nowMs.high : message.nowMs !== 0))
                    writer.uint32(64).uint64(message.nowMs);
                if (message.bag != null && message.bag.length)
                    for (var i = 0; i < message.bag.length; ++i)
                        writer.uint32(74).string(message.bag[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Context.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Context();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.exchangeId = value;
                            else
                                delete message.exchangeId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.route = value;
                            else
                                delete message.route;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.upstream = value;
                            else
                                delete message.upstream;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.consumer = value;
                            else
                                delete message.consumer;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.params && message.params.length))
                                message.params = [];
                            message.params.push(reader.stringVerify());
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.tags && message.tags.length))
                                message.tags = [];
                            message.tags.push(reader.stringVerify());
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.state = value;
                            else
                                delete message.state;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.nowMs = value;
                            else
                                delete message.nowMs;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if (!(message.bag && message.bag.length))
                                message.bag = [];
                            message.bag.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Context;
        })();

        v1.Request = (function() {

            var Request = function (properties) {
                this.headers = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Request.prototype.method = "";
            Request.prototype.scheme = "";
            Request.prototype.host = "";
            Request.prototype.path = "";
            Request.prototype.query = "";
            Request.prototype.headers = $util.emptyArray;
            Request.prototype.clientIp = "";

            Request.create = function(properties) {
                return new Request(properties);
            };

            Request.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.method != null && $Object.hasOwnProperty.call(message, "method") && message.method !== "")
                    writer.uint32(10).string(message.method);
                if (message.scheme != null && $Object.hasOwnProperty.call(message, "scheme") && message.scheme !== "")
                    writer.uint32(18).string(message.scheme);
                if (message.host != null && $Object.hasOwnProperty.call(message, "host") && message.host !== "")
                    writer.uint32(26).string(message.host);
                if (message.path != null && $Object.hasOwnProperty.call(message, "path") && message.path !== "")
                    writer.uint32(34).string(message.path);
                if (message.query != null && $Object.hasOwnProperty.call(message, "query") && message.query !== "")
                    writer.uint32(42).string(message.query);
                if (message.headers != null && message.headers.length)
                    for (var i = 0; i < message.headers.length; ++i)
                        writer.uint32(50).string(message.headers[i]);
                if (message.clientIp != null && $Object.hasOwnProperty.call(message, "clientIp") && message.clientIp !== "")
                    writer.uint32(58).string(message.clientIp);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Request.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Request();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.method = value;
                            else
                                delete message.method;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.scheme = value;
                            else
                                delete message.scheme;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.host = value;
                            else
                                delete message.host;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.path = value;
                            else
                                delete message.path;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.query = value;
                            else
                                delete message.query;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.headers && message.headers.length))
                                message.headers = [];
                            message.headers.push(reader.stringVerify());
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.clientIp = value;
                            else
                                delete message.clientIp;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Request;
        })();

        v1.Response = (function() {

            var Response = function (properties) {
                this.headers = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Response.prototype.status = 0;
            Response.prototype.headers = $util.emptyArray;

            Response.create = function(properties) {
                return new Response(properties);
            };

            Response.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.status != null && $Object.hasOwnProperty.call(message, "status") && message.status !== 0)
                    writer.uint32(8).uint32(message.status);
                if (message.headers != null && message.headers.length)
                    for (var i = 0; i < message.headers.length; ++i)
                        writer.uint32(18).string(message.headers[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Response.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Response();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.status = value;
                            else
                                delete message.status;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.headers && message.headers.length))
                                message.headers = [];
                            message.headers.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Response;
        })();

        v1.RequestInput = (function() {

            var RequestInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            RequestInput.prototype.context = null;
            RequestInput.prototype.request = null;
            RequestInput.prototype.body = $util.newBuffer([]);

            RequestInput.create = function(properties) {
                return new RequestInput(properties);
            };

            RequestInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.request != null && $Object.hasOwnProperty.call(message, "request"))
                    $root.sluice.v1.Request.encode(message.request, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(26).bytes(message.body);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            RequestInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.RequestInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.request = $root.sluice.v1.Request.decode(reader, reader.size(), $undefined, _depth + 1, message.request);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return RequestInput;
        })();

        v1.ResponseInput = (function() {

            var ResponseInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ResponseInput.prototype.context = null;
            ResponseInput.prototype.request = null;
            ResponseInput.prototype.body = $util.newBuffer([]);
            ResponseInput.prototype.response = null;

            ResponseInput.create = function(properties) {
                return new ResponseInput(properties);
            };

            ResponseInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.request != null && $Object.hasOwnProperty.call(message, "request"))
                    $root.sluice.v1.Request.encode(message.request, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(26).bytes(message.body);
                if (message.response != null && $Object.hasOwnProperty.call(message, "response"))
                    $root.sluice.v1.Response.encode(message.response, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ResponseInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.ResponseInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.request = $root.sluice.v1.Request.decode(reader, reader.size(), $undefined, _depth + 1, message.request);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.response = $root.sluice.v1.Response.decode(reader, reader.size(), $undefined, _depth + 1, message.response);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ResponseInput;
        })();

        v1.ErrorInput = (function() {

            var ErrorInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ErrorInput.prototype.context = null;
            ErrorInput.prototype.request = null;
            ErrorInput.prototype.response = null;
            ErrorInput.prototype.code = "";
            ErrorInput.prototype.blame = "";
            ErrorInput.prototype.retryable = false;

            ErrorInput.create = function(properties) {
                return new ErrorInput(properties);
            };

            ErrorInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.request != null && $Object.hasOwnProperty.call(message, "request"))
                    $root.sluice.v1.Request.encode(message.request, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.response != null && $Object.hasOwnProperty.call(message, "response"))
                    $root.sluice.v1.Response.encode(message.response, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== "")
                    writer.uint32(42).string(message.code);
                if (message.blame != null && $Object.hasOwnProperty.call(message, "blame") && message.blame !== "")
                    writer.uint32(50).string(message.blame);
                if (message.retryable != null && $Object.hasOwnProperty.call(message, "retryable") && message.retryable !== false)
                    writer.uint32(56).bool(message.retryable);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ErrorInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.ErrorInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.request = $root.sluice.v1.Request.decode(reader, reader.size(), $undefined, _depth + 1, message.request);
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.response = $root.sluice.v1.Response.decode(reader, reader.size(), $undefined, _depth + 1, message.response);
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.code = value;
                            else
                                delete message.code;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.blame = value;
                            else
                                delete message.blame;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.retryable = value;
                            else
                                delete message.retryable;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ErrorInput;
        })();

        v1.LogInput = (function() {

            var LogInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            LogInput.prototype.context = null;
            LogInput.prototype.request = null;
            LogInput.prototype.response = null;
            LogInput.prototype.code = "";
            LogInput.prototype.durationUs = 0;
            LogInput.prototype.bytesIn = 0;
            LogInput.prototype.bytesOut = 0;
            LogInput.prototype.target = "";

            LogInput.create = function(properties) {
                return new LogInput(properties);
            };

            LogInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.request != null && $Object.hasOwnProperty.call(message, "request"))
                    $root.sluice.v1.Request.encode(message.request, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.response != null && $Object.hasOwnProperty.call(message, "response"))
                    $root.sluice.v1.Response.encode(message.response, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== "")
                    writer.uint32(42).string(message.code);
                if (message.durationUs != null && $Object.hasOwnProperty.call(message, "durationUs") && (typeof message.durationUs === "object" ? message.durationUs.low || message.durationUs.high : message.durationUs !== 0))
                    writer.uint32(48).uint64(message.durationUs);
                if (message.bytesIn != null && $Object.hasOwnProperty.call(message, "bytesIn") && (typeof message.bytesIn === "object" ? message.bytesIn.low || message.bytesIn.high : message.bytesIn !== 0))
                    writer.uint32(56).uint64(message.bytesIn);
                if (message.bytesOut != null && $Object.hasOwnProperty.call(message, "bytesOut") && (typeof message.bytesOut === "object" ? message.bytesOut.low || message.bytesOut.high : message.bytesOut !== 0))
                    writer.uint32(64).uint64(message.bytesOut);
                if (message.target != null && $Object.hasOwnProperty.call(message, "target") && message.target !== "")
                    writer.uint32(74).string(message.target);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            LogInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.LogInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.request = $root.sluice.v1.Request.decode(reader, reader.size(), $undefined, _depth + 1, message.request);
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.response = $root.sluice.v1.Response.decode(reader, reader.size(), $undefined, _depth + 1, message.response);
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.code = value;
                            else
                                delete message.code;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.durationUs = value;
                            else
                                delete message.durationUs;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.bytesIn = value;
                            else
                                delete message.bytesIn;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.bytesOut = value;
                            else
                                delete message.bytesOut;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.target = value;
                            else
                                delete message.target;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return LogInput;
        })();

        v1.TickInput = (function() {

            var TickInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            TickInput.prototype.context = null;
            TickInput.prototype.tick = 0;

            TickInput.create = function(properties) {
                return new TickInput(properties);
            };

            TickInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.tick != null && $Object.hasOwnProperty.call(message, "tick") && (typeof message.tick === "object" ? message.tick.low || message.tick.high : message.tick !== 0))
                    writer.uint32(16).uint64(message.tick);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            TickInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.TickInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.tick = value;
                            else
                                delete message.tick;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return TickInput;
        })();

        v1.EffectInput = (function() {

            var EffectInput = function (properties) {
                this.answers = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            EffectInput.prototype.context = null;
            EffectInput.prototype.request = null;
            EffectInput.prototype.body = $util.newBuffer([]);
            EffectInput.prototype.response = null;
            EffectInput.prototype.hook = "";
            EffectInput.prototype.answers = $util.emptyArray;

            EffectInput.create = function(properties) {
                return new EffectInput(properties);
            };

            EffectInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.request != null && $Object.hasOwnProperty.call(message, "request"))
                    $root.sluice.v1.Request.encode(message.request, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(26).bytes(message.body);
                if (message.response != null && $Object.hasOwnProperty.call(message, "response"))
                    $root.sluice.v1.Response.encode(message.response, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.hook != null && $Object.hasOwnProperty.call(message, "hook") && message.hook !== "")
                    writer.uint32(42).string(message.hook);
                if (message.answers != null && message.answers.length)
                    for (var i = 0; i < message.answers.length; ++i)
                        $root.sluice.v1.EffectAnswer.encode(message.answers[i], writer.uint32(50).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            EffectInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.EffectInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.request = $root.sluice.v1.Request.decode(reader, reader.size(), $undefined, _depth + 1, message.request);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.response = $root.sluice.v1.Response.decode(reader, reader.size(), $undefined, _depth + 1, message.response);
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.hook = value;
                            else
                                delete message.hook;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.answers && message.answers.length))
                                message.answers = [];
                            message.answers.push($root.sluice.v1.EffectAnswer.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return EffectInput;
        })();

        v1.Effect = (function() {

            var Effect = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Effect.prototype.id = "";
            Effect.prototype.http = null;
            Effect.prototype.kv = null;
            Effect.prototype.secret = "";
            Effect.prototype.jwks = "";
            Effect.prototype.refresh = false;
            Effect.prototype.detached = false;

            Effect.create = function(properties) {
                return new Effect(properties);
            };

            Effect.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(10).string(message.id);
                if (message.http != null && $Object.hasOwnProperty.call(message, "http"))
                    $root.sluice.v1.HttpCallout.encode(message.http, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.kv != null && $Object.hasOwnProperty.call(message, "kv"))
                    $root.sluice.v1.KvOperation.encode(message.kv, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.secret != null && $Object.hasOwnProperty.call(message, "secret") && message.secret !== "")
                    writer.uint32(34).string(message.secret);
                if (message.jwks != null && $Object.hasOwnProperty.call(message, "jwks") && message.jwks !== "")
                    writer.uint32(42).string(message.jwks);
                if (message.refresh != null && $Object.hasOwnProperty.call(message, "refresh") && message.refresh !== false)
                    writer.uint32(48).bool(message.refresh);
                if (message.detached != null && $Object.hasOwnProperty.call(message, "detached") && message.detached !== false)
                    writer.uint32(56).bool(message.detached);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Effect.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Effect();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.http = $root.sluice.v1.HttpCallout.decode(reader, reader.size(), $undefined, _depth + 1, message.http);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.kv = $root.sluice.v1.KvOperation.decode(reader, reader.size(), $undefined, _depth + 1, message.kv);
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.secret = value;
                            else
                                delete message.secret;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.jwks = value;
                            else
                                delete message.jwks;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.refresh = value;
                            else
                                delete message.refresh;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.detached = value;
                            else
                                delete message.detached;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Effect;
        })();

        v1.HttpCallout = (function() {

            var HttpCallout = function (properties) {
                this.headers = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            HttpCallout.prototype.upstream = "";
            HttpCallout.prototype.url = "";
            HttpCallout.prototype.method = "";
            HttpCallout.prototype.headers = $util.emptyArray;
            HttpCallout.prototype.body = $util.newBuffer([]);
            HttpCallout.prototype.timeoutMs = 0;
            HttpCallout.prototype.maxBytes = 0;

            HttpCallout.create = function(properties) {
                return new HttpCallout(properties);
            };

            HttpCallout.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.upstream != null && $Object.hasOwnProperty.call(message, "upstream") && message.upstream !== "")
                    writer.uint32(10).string(message.upstream);
                if (message.url != null && $Object.hasOwnProperty.call(message, "url") && message.url !== "")
                    writer.uint32(18).string(message.url);
                if (message.method != null && $Object.hasOwnProperty.call(message, "method") && message.method !== "")
                    writer.uint32(26).string(message.method);
                if (message.headers != null && message.headers.length)
                    for (var i = 0; i < message.headers.length; ++i)
                        writer.uint32(34).string(message.headers[i]);
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(42).bytes(message.body);
                if (message.timeoutMs != null && $Object.hasOwnProperty.call(message, "timeoutMs") && message.timeoutMs !== 0)
                    writer.uint32(48).uint32(message.timeoutMs);
                if (message.maxBytes != null && $Object.hasOwnProperty.call(message, "maxBytes") && message.maxBytes !== 0)
                    writer.uint32(56).uint32(message.maxBytes);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            HttpCallout.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.HttpCallout();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.upstream = value;
                            else
                                delete message.upstream;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.url = value;
                            else
                                delete message.url;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.method = value;
                            else
                                delete message.method;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.headers && message.headers.length))
                                message.headers = [];
                            message.headers.push(reader.stringVerify());
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.timeoutMs = value;
                            else
                                delete message.timeoutMs;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.maxBytes = value;
                            else
                                delete message.maxBytes;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return HttpCallout;
        })();

        v1.KvOperation = (function() {

            var KvOperation = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            KvOperation.prototype.kind = 0;
            KvOperation.prototype.key = "";
            KvOperation.prototype.value = $util.newBuffer([]);
            KvOperation.prototype.expected = $util.newBuffer([]);
            KvOperation.prototype.ttlMs = 0;
            KvOperation.prototype.delta = 0;

            KvOperation.create = function(properties) {
                return new KvOperation(properties);
            };

            KvOperation.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== 0)
                    writer.uint32(8).int32(message.kind);
                if (message.key != null && $Object.hasOwnProperty.call(message, "key") && message.key !== "")
                    writer.uint32(18).string(message.key);
                if (message.value != null && $Object.hasOwnProperty.call(message, "value") && message.value.length)
                    writer.uint32(26).bytes(message.value);
                if (message.expected != null && $Object.hasOwnProperty.call(message, "expected") && message.expected.length)
                    writer.uint32(34).bytes(message.expected);
                if (message.ttlMs != null && $Object.hasOwnProperty.call(message, "ttlMs") && message.ttlMs !== 0)
                    writer.uint32(40).uint32(message.ttlMs);
                if (message.delta != null && $Object.hasOwnProperty.call(message, "delta") && (typeof message.delta === "object" ? message.delta.low || message.delta.high : message.delta !== 0))
                    writer.uint32(48).int64(message.delta);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            KvOperation.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.KvOperation();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.kind = value;
                            else
                                delete message.kind;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.key = value;
                            else
                                delete message.key;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.value = value;
                            else
                                delete message.value;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.expected = value;
                            else
                                delete message.expected;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.ttlMs = value;
                            else
                                delete message.ttlMs;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.int64())) === "object" ? value.low || value.high : value !== 0)
                                message.delta = value;
                            else
                                delete message.delta;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            KvOperation.Kind = (function() {
                var valuesById = $Object.create(null), values = $Object.create(valuesById);
                values[valuesById[0] = "GET"] = 0;
                values[valuesById[1] = "SET"] = 1;
                values[valuesById[2] = "DELETE"] = 2;
                values[valuesById[3] = "SWAP"] = 3;
                values[valuesById[4] = "ADD"] = 4;
                return values;
            })();

            return KvOperation;
        })();

        v1.EffectAnswer = (function() {

            var EffectAnswer = function (properties) {
                this.headers = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            EffectAnswer.prototype.id = "";
            EffectAnswer.prototype.error = "";
            EffectAnswer.prototype.status = 0;
            EffectAnswer.prototype.headers = $util.emptyArray;
            EffectAnswer.prototype.body = $util.newBuffer([]);
            EffectAnswer.prototype.found = false;
            EffectAnswer.prototype.number = 0;

            EffectAnswer.create = function(properties) {
                return new EffectAnswer(properties);
            };

            EffectAnswer.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(10).string(message.id);
                if (message.error != null && $Object.hasOwnProperty.call(message, "error") && message.error !== "")
                    writer.uint32(18).string(message.error);
                if (message.status != null && $Object.hasOwnProperty.call(message, "status") && message.status !== 0)
                    writer.uint32(24).uint32(message.status);
                if (message.headers != null && message.headers.length)
                    for (var i = 0; i < message.headers.length; ++i)
                        writer.uint32(34).string(message.headers[i]);
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(42).bytes(message.body);
                if (message.found != null && $Object.hasOwnProperty.call(message, "found") && message.found !== false)
                    writer.uint32(48).bool(message.found);
                if (message.number != null && $Object.hasOwnProperty.call(message, "number") && (typeof message.number === "object" ? message.number.low || message.number.high : message.number !== 0))
                    writer.uint32(56).int64(message.number);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            EffectAnswer.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.EffectAnswer();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.error = value;
                            else
                                delete message.error;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.status = value;
                            else
                                delete message.status;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.headers && message.headers.length))
                                message.headers = [];
                            message.headers.push(reader.stringVerify());
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.found = value;
                            else
                                delete message.found;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.int64())) === "object" ? value.low || value.high : value !== 0)
                                message.number = value;
                            else
                                delete message.number;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return EffectAnswer;
        })();

        v1.HeaderEdit = (function() {

            var HeaderEdit = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            HeaderEdit.prototype.op = 0;
            HeaderEdit.prototype.name = "";
            HeaderEdit.prototype.value = "";

            HeaderEdit.create = function(properties) {
                return new HeaderEdit(properties);
            };

            HeaderEdit.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.op != null && $Object.hasOwnProperty.call(message, "op") && message.op !== 0)
                    writer.uint32(8).int32(message.op);
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(18).string(message.name);
                if (message.value != null && $Object.hasOwnProperty.call(message, "value") && message.value !== "")
                    writer.uint32(26).string(message.value);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            HeaderEdit.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.HeaderEdit();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.op = value;
                            else
                                delete message.op;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.value = value;
                            else
                                delete message.value;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            HeaderEdit.Op = (function() {
                var valuesById = $Object.create(null), values = $Object.create(valuesById);
                values[valuesById[0] = "SET"] = 0;
                values[valuesById[1] = "ADD"] = 1;
                values[valuesById[2] = "REMOVE"] = 2;
                values[valuesById[3] = "RENAME"] = 3;
                return values;
            })();

            return HeaderEdit;
        })();

        v1.Reply = (function() {

            var Reply = function (properties) {
                this.headers = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Reply.prototype.status = 0;
            Reply.prototype.headers = $util.emptyArray;
            Reply.prototype.body = $util.newBuffer([]);

            Reply.create = function(properties) {
                return new Reply(properties);
            };

            Reply.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.status != null && $Object.hasOwnProperty.call(message, "status") && message.status !== 0)
                    writer.uint32(8).uint32(message.status);
                if (message.headers != null && message.headers.length)
                    for (var i = 0; i < message.headers.length; ++i)
                        writer.uint32(18).string(message.headers[i]);
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(26).bytes(message.body);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Reply.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Reply();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.status = value;
                            else
                                delete message.status;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.headers && message.headers.length))
                                message.headers = [];
                            message.headers.push(reader.stringVerify());
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Reply;
        })();

        v1.Verdict = (function() {

            var Verdict = function (properties) {
                this.headers = [];
                this.responseHeaders = [];
                this.tags = [];
                this.effects = [];
                this.bag = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Verdict.prototype.reply = null;
            Verdict.prototype.headers = $util.emptyArray;
            Verdict.prototype.responseHeaders = $util.emptyArray;
            Verdict.prototype.method = null;
            Verdict.prototype.path = null;
            Verdict.prototype.query = null;
            Verdict.prototype.upstream = null;
            Verdict.prototype.status = null;
            Verdict.prototype.body = null;
            Verdict.prototype.consumer = null;
            Verdict.prototype.tags = $util.emptyArray;
            Verdict.prototype.state = null;
            Verdict.prototype.effects = $util.emptyArray;
            Verdict.prototype.bag = $util.emptyArray;

            var $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_method", {
                get: $util.oneOfGetter($oneOfFields = ["method"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_path", {
                get: $util.oneOfGetter($oneOfFields = ["path"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_query", {
                get: $util.oneOfGetter($oneOfFields = ["query"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_upstream", {
                get: $util.oneOfGetter($oneOfFields = ["upstream"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_status", {
                get: $util.oneOfGetter($oneOfFields = ["status"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_body", {
                get: $util.oneOfGetter($oneOfFields = ["body"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_consumer", {
                get: $util.oneOfGetter($oneOfFields = ["consumer"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_state", {
                get: $util.oneOfGetter($oneOfFields = ["state"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            Verdict.create = function(properties) {
                return new Verdict(properties);
            };

            Verdict.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.reply != null && $Object.hasOwnProperty.call(message, "reply"))
                    $root.sluice.v1.Reply.encode(message.reply, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.headers != null && message.headers.length)
                    for (var i = 0; i < message.headers.length; ++i)
                        $root.sluice.v1.HeaderEdit.encode(message.headers[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.responseHeaders != null && message.responseHeaders.length)
                    for (var i = 0; i < message.responseHeaders.length; ++i)
                        $root.sluice.v1.HeaderEdit.encode(message.responseHeaders[i], writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.method != null && $Object.hasOwnProperty.call(message, "method"))
                    writer.uint32(34).string(message.method);
                if (message.path != null && $Object.hasOwnProperty.call(message, "path"))
                    writer.uint32(42).string(message.path);
                if (message.query != null && $Object.hasOwnProperty.call(message, "query"))
                    writer.uint32(50).string(message.query);
                if (message.upstream != null && $Object.hasOwnProperty.call(message, "upstream"))
                    writer.uint32(58).string(message.upstream);
                if (message.status != null && $Object.hasOwnProperty.call(message, "status"))
                    writer.uint32(64).uint32(message.status);
                if (message.body != null && $Object.hasOwnProperty.call(message, "body"))
                    writer.uint32(74).bytes(message.body);
                if (message.consumer != null && $Object.hasOwnProperty.call(message, "consumer"))
                    writer.uint32(82).string(message.consumer);
                if (message.tags != null && message.tags.length)
                    for (var i = 0; i < message.tags.length; ++i)
                        writer.uint32(90).string(message.tags[i]);
                if (message.state != null && $Object.hasOwnProperty.call(message, "state"))
                    writer.uint32(98).bytes(message.state);
                if (message.effects != null && message.effects.length)
                    for (var i = 0; i < message.effects.length; ++i)
                        $root.sluice.v1.Effect.encode(message.effects[i], writer.uint32(106).fork(), _depth + 1).ldelim();
                if (message.bag != null && message.bag.length)
                    for (var i = 0; i < message.bag.length; ++i)
                        writer.uint32(114).string(message.bag[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Verdict.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Verdict();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.reply = $root.sluice.v1.Reply.decode(reader, reader.size(), $undefined, _depth + 1, message.reply);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.headers && message.headers.length))
                                message.headers = [];
                            message.headers.push($root.sluice.v1.HeaderEdit.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.responseHeaders && message.responseHeaders.length))
                                message.responseHeaders = [];
                            message.responseHeaders.push($root.sluice.v1.HeaderEdit.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.method = reader.stringVerify();
                            message._method = "method";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.path = reader.stringVerify();
                            message._path = "path";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.query = reader.stringVerify();
                            message._query = "query";
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.upstream = reader.stringVerify();
                            message._upstream = "upstream";
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            message.status = reader.uint32();
                            message._status = "status";
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            message.body = reader.bytes();
                            message._body = "body";
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            message.consumer = reader.stringVerify();
                            message._consumer = "consumer";
                            continue;
                        }
                    case 11: {
                            if (wireType !== 2)
                                break;
                            if (!(message.tags && message.tags.length))
                                message.tags = [];
                            message.tags.push(reader.stringVerify());
                            continue;
                        }
                    case 12: {
                            if (wireType !== 2)
                                break;
                            message.state = reader.bytes();
                            message._state = "state";
                            continue;
                        }
                    case 13: {
                            if (wireType !== 2)
                                break;
                            if (!(message.effects && message.effects.length))
                                message.effects = [];
                            message.effects.push($root.sluice.v1.Effect.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 14: {
                            if (wireType !== 2)
                                break;
                            if (!(message.bag && message.bag.length))
                                message.bag = [];
                            message.bag.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Verdict;
        })();

        v1.ContentPart = (function() {

            var ContentPart = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ContentPart.prototype.type = "";
            ContentPart.prototype.text = "";
            ContentPart.prototype.url = "";
            ContentPart.prototype.mediaType = "";

            ContentPart.create = function(properties) {
                return new ContentPart(properties);
            };

            ContentPart.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.type != null && $Object.hasOwnProperty.call(message, "type") && message.type !== "")
                    writer.uint32(10).string(message.type);
                if (message.text != null && $Object.hasOwnProperty.call(message, "text") && message.text !== "")
                    writer.uint32(18).string(message.text);
                if (message.url != null && $Object.hasOwnProperty.call(message, "url") && message.url !== "")
                    writer.uint32(26).string(message.url);
                if (message.mediaType != null && $Object.hasOwnProperty.call(message, "mediaType") && message.mediaType !== "")
                    writer.uint32(34).string(message.mediaType);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ContentPart.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.ContentPart();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.type = value;
                            else
                                delete message.type;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.text = value;
                            else
                                delete message.text;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.url = value;
                            else
                                delete message.url;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.mediaType = value;
                            else
                                delete message.mediaType;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ContentPart;
        })();

        v1.ToolCall = (function() {

            var ToolCall = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ToolCall.prototype.id = "";
            ToolCall.prototype.name = "";
            ToolCall.prototype["arguments"] = "";

            ToolCall.create = function(properties) {
                return new ToolCall(properties);
            };

            ToolCall.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id !== "")
                    writer.uint32(10).string(message.id);
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(18).string(message.name);
                if (message["arguments"] != null && $Object.hasOwnProperty.call(message, "arguments") && message["arguments"] !== "")
                    writer.uint32(26).string(message["arguments"]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ToolCall.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.ToolCall();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.id = value;
                            else
                                delete message.id;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message["arguments"] = value;
                            else
                                delete message["arguments"];
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ToolCall;
        })();

        v1.Message = (function() {

            var Message = function (properties) {
                this.content = [];
                this.toolCalls = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Message.prototype.role = "";
            Message.prototype.content = $util.emptyArray;
            Message.prototype.name = "";
            Message.prototype.toolCalls = $util.emptyArray;
            Message.prototype.toolCallId = "";

            Message.create = function(properties) {
                return new Message(properties);
            };

            Message.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.role != null && $Object.hasOwnProperty.call(message, "role") && message.role !== "")
                    writer.uint32(10).string(message.role);
                if (message.content != null && message.content.length)
                    for (var i = 0; i < message.content.length; ++i)
                        $root.sluice.v1.ContentPart.encode(message.content[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(26).string(message.name);
                if (message.toolCalls != null && message.toolCalls.length)
                    for (var i = 0; i < message.toolCalls.length; ++i)
                        $root.sluice.v1.ToolCall.encode(message.toolCalls[i], writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.toolCallId != null && $Object.hasOwnProperty.call(message, "toolCallId") && message.toolCallId !== "")
                    writer.uint32(42).string(message.toolCallId);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Message.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Message();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.role = value;
                            else
                                delete message.role;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.content && message.content.length))
                                message.content = [];
                            message.content.push($root.sluice.v1.ContentPart.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.toolCalls && message.toolCalls.length))
                                message.toolCalls = [];
                            message.toolCalls.push($root.sluice.v1.ToolCall.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.toolCallId = value;
                            else
                                delete message.toolCallId;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Message;
        })();

        v1.Tool = (function() {

            var Tool = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Tool.prototype.name = "";
            Tool.prototype.description = "";
            Tool.prototype.parameters = "";

            Tool.create = function(properties) {
                return new Tool(properties);
            };

            Tool.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(10).string(message.name);
                if (message.description != null && $Object.hasOwnProperty.call(message, "description") && message.description !== "")
                    writer.uint32(18).string(message.description);
                if (message.parameters != null && $Object.hasOwnProperty.call(message, "parameters") && message.parameters !== "")
                    writer.uint32(26).string(message.parameters);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Tool.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Tool();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.description = value;
                            else
                                delete message.description;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.parameters = value;
                            else
                                delete message.parameters;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Tool;
        })();

        v1.Prompt = (function() {

            var Prompt = function (properties) {
                this.messages = [];
                this.tools = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Prompt.prototype.operation = "";
            Prompt.prototype.model = "";
            Prompt.prototype.messages = $util.emptyArray;
            Prompt.prototype.tools = $util.emptyArray;
            Prompt.prototype.parameters = "";
            Prompt.prototype.stream = false;
            Prompt.prototype.estimatedTokens = 0;

            Prompt.create = function(properties) {
                return new Prompt(properties);
            };

            Prompt.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.operation != null && $Object.hasOwnProperty.call(message, "operation") && message.operation !== "")
                    writer.uint32(10).string(message.operation);
                if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                    writer.uint32(18).string(message.model);
                if (message.messages != null && message.messages.length)
                    for (var i = 0; i < message.messages.length; ++i)
                        $root.sluice.v1.Message.encode(message.messages[i], writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.tools != null && message.tools.length)
                    for (var i = 0; i < message.tools.length; ++i)
                        $root.sluice.v1.Tool.encode(message.tools[i], writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.parameters != null && $Object.hasOwnProperty.call(message, "parameters") && message.parameters !== "")
                    writer.uint32(42).string(message.parameters);
                if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && message.stream !== false)
                    writer.uint32(48).bool(message.stream);
                if (message.estimatedTokens != null && $Object.hasOwnProperty.call(message, "estimatedTokens") && message.estimatedTokens !== 0)
                    writer.uint32(56).uint32(message.estimatedTokens);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Prompt.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Prompt();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.operation = value;
                            else
                                delete message.operation;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.model = value;
                            else
                                delete message.model;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.messages && message.messages.length))
                                message.messages = [];
                            message.messages.push($root.sluice.v1.Message.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.tools && message.tools.length))
                                message.tools = [];
                            message.tools.push($root.sluice.v1.Tool.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.parameters = value;
                            else
                                delete message.parameters;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.stream = value;
                            else
                                delete message.stream;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.estimatedTokens = value;
                            else
                                delete message.estimatedTokens;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Prompt;
        })();

        v1.PromptInput = (function() {

            var PromptInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            PromptInput.prototype.context = null;
            PromptInput.prototype.request = null;
            PromptInput.prototype.prompt = null;

            PromptInput.create = function(properties) {
                return new PromptInput(properties);
            };

            PromptInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.request != null && $Object.hasOwnProperty.call(message, "request"))
                    $root.sluice.v1.Request.encode(message.request, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.prompt != null && $Object.hasOwnProperty.call(message, "prompt"))
                    $root.sluice.v1.Prompt.encode(message.prompt, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            PromptInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.PromptInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.request = $root.sluice.v1.Request.decode(reader, reader.size(), $undefined, _depth + 1, message.request);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.prompt = $root.sluice.v1.Prompt.decode(reader, reader.size(), $undefined, _depth + 1, message.prompt);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return PromptInput;
        })();

        v1.DeltaInput = (function() {

            var DeltaInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            DeltaInput.prototype.context = null;
            DeltaInput.prototype.index = 0;
            DeltaInput.prototype.sequence = 0;
            DeltaInput.prototype.text = "";
            DeltaInput.prototype.thinking = "";
            DeltaInput.prototype.refusal = "";
            DeltaInput.prototype.held = "";
            DeltaInput.prototype.last = false;
            DeltaInput.prototype.late = false;
            DeltaInput.prototype.finishReason = "";

            DeltaInput.create = function(properties) {
                return new DeltaInput(properties);
            };

            DeltaInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.index != null && $Object.hasOwnProperty.call(message, "index") && message.index !== 0)
                    writer.uint32(16).uint32(message.index);
                if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && message.sequence !== 0)
                    writer.uint32(24).uint32(message.sequence);
                if (message.text != null && $Object.hasOwnProperty.call(message, "text") && message.text !== "")
                    writer.uint32(34).string(message.text);
                if (message.thinking != null && $Object.hasOwnProperty.call(message, "thinking") && message.thinking !== "")
                    writer.uint32(42).string(message.thinking);
                if (message.refusal != null && $Object.hasOwnProperty.call(message, "refusal") && message.refusal !== "")
                    writer.uint32(50).string(message.refusal);
                if (message.held != null && $Object.hasOwnProperty.call(message, "held") && message.held !== "")
                    writer.uint32(58).string(message.held);
                if (message.last != null && $Object.hasOwnProperty.call(message, "last") && message.last !== false)
                    writer.uint32(64).bool(message.last);
                if (message.late != null && $Object.hasOwnProperty.call(message, "late") && message.late !== false)
                    writer.uint32(72).bool(message.late);
                if (message.finishReason != null && $Object.hasOwnProperty.call(message, "finishReason") && message.finishReason !== "")
                    writer.uint32(82).string(message.finishReason);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            DeltaInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.DeltaInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.index = value;
                            else
                                delete message.index;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.sequence = value;
                            else
                                delete message.sequence;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.text = value;
                            else
                                delete message.text;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.thinking = value;
                            else
                                delete message.thinking;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.refusal = value;
                            else
                                delete message.refusal;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.held = value;
                            else
                                delete message.held;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.last = value;
                            else
                                delete message.last;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.late = value;
                            else
                                delete message.late;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.finishReason = value;
                            else
                                delete message.finishReason;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return DeltaInput;
        })();

        v1.ToolCallInput = (function() {

            var ToolCallInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ToolCallInput.prototype.context = null;
            ToolCallInput.prototype.index = 0;
            ToolCallInput.prototype.call = null;

            ToolCallInput.create = function(properties) {
                return new ToolCallInput(properties);
            };

            ToolCallInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.index != null && $Object.hasOwnProperty.call(message, "index") && message.index !== 0)
                    writer.uint32(16).uint32(message.index);
                if (message.call != null && $Object.hasOwnProperty.call(message, "call"))
                    $root.sluice.v1.ToolCall.encode(message.call, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ToolCallInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.ToolCallInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.index = value;
                            else
                                delete message.index;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.call = $root.sluice.v1.ToolCall.decode(reader, reader.size(), $undefined, _depth + 1, message.call);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ToolCallInput;
        })();

        v1.Usage = (function() {

            var Usage = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Usage.prototype.inputTokens = 0;
            Usage.prototype.outputTokens = 0;
            Usage.prototype.cacheReadTokens = 0;
            Usage.prototype.cacheWriteTokens = 0;
            Usage.prototype.reasoningTokens = 0;
            Usage.prototype.costMicroDollars = 0;
            Usage.prototype.estimated = false;

            Usage.create = function(properties) {
                return new Usage(properties);
            };

            Usage.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.inputTokens != null && $Object.hasOwnProperty.call(message, "inputTokens") && (typeof message.inputTokens === "object" ? message.inputTokens.low || message.inputTokens.high : message.inputTokens !== 0))
                    writer.uint32(8).uint64(message.inputTokens);
                if (message.outputTokens != null && $Object.hasOwnProperty.call(message, "outputTokens") && (typeof message.outputTokens === "object" ? message.outputTokens.low || message.outputTokens.high : message.outputTokens !== 0))
                    writer.uint32(16).uint64(message.outputTokens);
                if (message.cacheReadTokens != null && $Object.hasOwnProperty.call(message, "cacheReadTokens") && (typeof message.cacheReadTokens === "object" ? message.cacheReadTokens.low || message.cacheReadTokens.high : message.cacheReadTokens !== 0))
                    writer.uint32(24).uint64(message.cacheReadTokens);
                if (message.cacheWriteTokens != null && $Object.hasOwnProperty.call(message, "cacheWriteTokens") && (typeof message.cacheWriteTokens === "object" ? message.cacheWriteTokens.low || message.cacheWriteTokens.high : message.cacheWriteTokens !== 0))
                    writer.uint32(32).uint64(message.cacheWriteTokens);
                if (message.reasoningTokens != null && $Object.hasOwnProperty.call(message, "reasoningTokens") && (typeof message.reasoningTokens === "object" ? message.reasoningTokens.low || message.reasoningTokens.high : message.reasoningTokens !== 0))
                    writer.uint32(40).uint64(message.reasoningTokens);
                if (message.costMicroDollars != null && $Object.hasOwnProperty.call(message, "costMicroDollars") && (typeof message.costMicroDollars === "object" ? message.costMicroDollars.low || message.costMicroDollars.high : message.costMicroDollars !== 0))
                    writer.uint32(48).uint64(message.costMicroDollars);
                if (message.estimated != null && $Object.hasOwnProperty.call(message, "estimated") && message.estimated !== false)
                    writer.uint32(56).bool(message.estimated);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Usage.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Usage();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.inputTokens = value;
                            else
                                delete message.inputTokens;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.outputTokens = value;
                            else
                                delete message.outputTokens;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.cacheReadTokens = value;
                            else
                                delete message.cacheReadTokens;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.cacheWriteTokens = value;
                            else
                                delete message.cacheWriteTokens;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.reasoningTokens = value;
                            else
                                delete message.reasoningTokens;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.costMicroDollars = value;
                            else
                                delete message.costMicroDollars;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.estimated = value;
                            else
                                delete message.estimated;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Usage;
        })();

        v1.CompletionInput = (function() {

            var CompletionInput = function (properties) {
                this.choices = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            CompletionInput.prototype.context = null;
            CompletionInput.prototype.provider = "";
            CompletionInput.prototype.model = "";
            CompletionInput.prototype.choices = $util.emptyArray;
            CompletionInput.prototype.usage = null;
            CompletionInput.prototype.streamed = false;

            CompletionInput.create = function(properties) {
                return new CompletionInput(properties);
            };

            CompletionInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.provider != null && $Object.hasOwnProperty.call(message, "provider") && message.provider !== "")
                    writer.uint32(18).string(message.provider);
                if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                    writer.uint32(26).string(message.model);
                if (message.choices != null && message.choices.length)
                    for (var i = 0; i < message.choices.length; ++i)
                        $root.sluice.v1.Choice.encode(message.choices[i], writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.usage != null && $Object.hasOwnProperty.call(message, "usage"))
                    $root.sluice.v1.Usage.encode(message.usage, writer.uint32(42).fork(), _depth + 1).ldelim();
                if (message.streamed != null && $Object.hasOwnProperty.call(message, "streamed") && message.streamed !== false)
                    writer.uint32(48).bool(message.streamed);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            CompletionInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.CompletionInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.provider = value;
                            else
                                delete message.provider;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.model = value;
                            else
                                delete message.model;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.choices && message.choices.length))
                                message.choices = [];
                            message.choices.push($root.sluice.v1.Choice.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.usage = $root.sluice.v1.Usage.decode(reader, reader.size(), $undefined, _depth + 1, message.usage);
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.streamed = value;
                            else
                                delete message.streamed;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return CompletionInput;
        })();

        v1.Choice = (function() {

            var Choice = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Choice.prototype.message = null;
            Choice.prototype.finishReason = "";

            Choice.create = function(properties) {
                return new Choice(properties);
            };

            Choice.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.message != null && $Object.hasOwnProperty.call(message, "message"))
                    $root.sluice.v1.Message.encode(message.message, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.finishReason != null && $Object.hasOwnProperty.call(message, "finishReason") && message.finishReason !== "")
                    writer.uint32(18).string(message.finishReason);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Choice.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Choice();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.message = $root.sluice.v1.Message.decode(reader, reader.size(), $undefined, _depth + 1, message.message);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.finishReason = value;
                            else
                                delete message.finishReason;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Choice;
        })();

        v1.UsageInput = (function() {

            var UsageInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            UsageInput.prototype.context = null;
            UsageInput.prototype.provider = "";
            UsageInput.prototype.model = "";
            UsageInput.prototype.usage = null;

            UsageInput.create = function(properties) {
                return new UsageInput(properties);
            };

            UsageInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.provider != null && $Object.hasOwnProperty.call(message, "provider") && message.provider !== "")
                    writer.uint32(18).string(message.provider);
                if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                    writer.uint32(26).string(message.model);
                if (message.usage != null && $Object.hasOwnProperty.call(message, "usage"))
                    $root.sluice.v1.Usage.encode(message.usage, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            UsageInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.UsageInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.provider = value;
                            else
                                delete message.provider;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.model = value;
                            else
                                delete message.model;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.usage = $root.sluice.v1.Usage.decode(reader, reader.size(), $undefined, _depth + 1, message.usage);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return UsageInput;
        })();

        v1.AiEffectInput = (function() {

            var AiEffectInput = function (properties) {
                this.answers = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            AiEffectInput.prototype.hook = "";
            AiEffectInput.prototype.answers = $util.emptyArray;
            AiEffectInput.prototype.prompt = null;
            AiEffectInput.prototype.delta = null;
            AiEffectInput.prototype.toolCall = null;
            AiEffectInput.prototype.completion = null;

            AiEffectInput.create = function(properties) {
                return new AiEffectInput(properties);
            };

            AiEffectInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.hook != null && $Object.hasOwnProperty.call(message, "hook") && message.hook !== "")
                    writer.uint32(10).string(message.hook);
                if (message.answers != null && message.answers.length)
                    for (var i = 0; i < message.answers.length; ++i)
                        $root.sluice.v1.EffectAnswer.encode(message.answers[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.prompt != null && $Object.hasOwnProperty.call(message, "prompt"))
                    $root.sluice.v1.PromptInput.encode(message.prompt, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.delta != null && $Object.hasOwnProperty.call(message, "delta"))
                    $root.sluice.v1.DeltaInput.encode(message.delta, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.toolCall != null && $Object.hasOwnProperty.call(message, "toolCall"))
                    $root.sluice.v1.ToolCallInput.encode(message.toolCall, writer.uint32(42).fork(), _depth + 1).ldelim();
                if (message.completion != null && $Object.hasOwnProperty.call(message, "completion"))
                    $root.sluice.v1.CompletionInput.encode(message.completion, writer.uint32(50).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            AiEffectInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.AiEffectInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.hook = value;
                            else
                                delete message.hook;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.answers && message.answers.length))
                                message.answers = [];
                            message.answers.push($root.sluice.v1.EffectAnswer.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.prompt = $root.sluice.v1.PromptInput.decode(reader, reader.size(), $undefined, _depth + 1, message.prompt);
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.delta = $root.sluice.v1.DeltaInput.decode(reader, reader.size(), $undefined, _depth + 1, message.delta);
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.toolCall = $root.sluice.v1.ToolCallInput.decode(reader, reader.size(), $undefined, _depth + 1, message.toolCall);
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.completion = $root.sluice.v1.CompletionInput.decode(reader, reader.size(), $undefined, _depth + 1, message.completion);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return AiEffectInput;
        })();

        v1.AiVerdict = (function() {

            var AiVerdict = function (properties) {
                this.messages = [];
                this.removeTools = [];
                this.addTools = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            AiVerdict.prototype.verdict = null;
            AiVerdict.prototype.model = null;
            AiVerdict.prototype.messages = $util.emptyArray;
            AiVerdict.prototype.parameters = null;
            AiVerdict.prototype.removeTools = $util.emptyArray;
            AiVerdict.prototype.addTools = $util.emptyArray;
            AiVerdict.prototype.text = null;
            AiVerdict.prototype.hold = null;
            AiVerdict.prototype["arguments"] = null;
            AiVerdict.prototype.drop = false;
            AiVerdict.prototype.stop = false;
            AiVerdict.prototype.holdMs = 0;

            var $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(AiVerdict.prototype, "_model", {
                get: $util.oneOfGetter($oneOfFields = ["model"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(AiVerdict.prototype, "_parameters", {
                get: $util.oneOfGetter($oneOfFields = ["parameters"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(AiVerdict.prototype, "_text", {
                get: $util.oneOfGetter($oneOfFields = ["text"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(AiVerdict.prototype, "_hold", {
                get: $util.oneOfGetter($oneOfFields = ["hold"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(AiVerdict.prototype, "_arguments", {
                get: $util.oneOfGetter($oneOfFields = ["arguments"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            AiVerdict.create = function(properties) {
                return new AiVerdict(properties);
            };

            AiVerdict.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.verdict != null && $Object.hasOwnProperty.call(message, "verdict"))
                    $root.sluice.v1.Verdict.encode(message.verdict, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.model != null && $Object.hasOwnProperty.call(message, "model"))
                    writer.uint32(18).string(message.model);
                if (message.messages != null && message.messages.length)
                    for (var i = 0; i < message.messages.length; ++i)
                        $root.sluice.v1.MessageEdit.encode(message.messages[i], writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.parameters != null && $Object.hasOwnProperty.call(message, "parameters"))
                    writer.uint32(34).string(message.parameters);
                if (message.removeTools != null && message.removeTools.length)
                    for (var i = 0; i < message.removeTools.length; ++i)
                        writer.uint32(42).string(message.removeTools[i]);
                if (message.addTools != null && message.addTools.length)
                    for (var i = 0; i < message.addTools.length; ++i)
                        $root.sluice.v1.Tool.encode(message.addTools[i], writer.uint32(50).fork(), _depth + 1).ldelim();
                if (message.text != null && $Object.hasOwnProperty.call(message, "text"))
                    writer.uint32(58).string(message.text);
                if (message.hold != null && $Object.hasOwnProperty.call(message, "hold"))
                    writer.uint32(66).string(message.hold);
                if (message["arguments"] != null && $Object.hasOwnProperty.call(message, "arguments"))
                    writer.uint32(74).string(message["arguments"]);
                if (message.drop != null && $Object.hasOwnProperty.call(message, "drop") && message.drop !== false)
                    writer.uint32(80).bool(message.drop);
                if (message.stop != null && $Object.hasOwnProperty.call(message, "stop") && message.stop !== false)
                    writer.uint32(88).bool(message.stop);
                if (message.holdMs != null && $Object.hasOwnProperty.call(message, "holdMs") && message.holdMs !== 0)
                    writer.uint32(96).uint32(message.holdMs);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            AiVerdict.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.AiVerdict();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.verdict = $root.sluice.v1.Verdict.decode(reader, reader.size(), $undefined, _depth + 1, message.verdict);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.model = reader.stringVerify();
                            message._model = "model";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.messages && message.messages.length))
                                message.messages = [];
                            message.messages.push($root.sluice.v1.MessageEdit.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.parameters = reader.stringVerify();
                            message._parameters = "parameters";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.removeTools && message.removeTools.length))
                                message.removeTools = [];
                            message.removeTools.push(reader.stringVerify());
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.addTools && message.addTools.length))
                                message.addTools = [];
                            message.addTools.push($root.sluice.v1.Tool.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.text = reader.stringVerify();
                            message._text = "text";
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            message.hold = reader.stringVerify();
                            message._hold = "hold";
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            message["arguments"] = reader.stringVerify();
                            message._arguments = "arguments";
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.drop = value;
                            else
                                delete message.drop;
                            continue;
                        }
                    case 11: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.stop = value;
                            else
                                delete message.stop;
                            continue;
                        }
                    case 12: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.holdMs = value;
                            else
                                delete message.holdMs;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return AiVerdict;
        })();

        v1.MessageEdit = (function() {

            var MessageEdit = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            MessageEdit.prototype.op = 0;
            MessageEdit.prototype.at = 0;
            MessageEdit.prototype.message = null;
            MessageEdit.prototype.stop = false;

            MessageEdit.create = function(properties) {
                return new MessageEdit(properties);
            };

            MessageEdit.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.op != null && $Object.hasOwnProperty.call(message, "op") && message.op !== 0)
                    writer.uint32(8).int32(message.op);
                if (message.at != null && $Object.hasOwnProperty.call(message, "at") && message.at !== 0)
                    writer.uint32(16).uint32(message.at);
                if (message.message != null && $Object.hasOwnProperty.call(message, "message"))
                    $root.sluice.v1.Message.encode(message.message, writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.stop != null && $Object.hasOwnProperty.call(message, "stop") && message.stop !== false)
                    writer.uint32(32).bool(message.stop);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            MessageEdit.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.MessageEdit();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.op = value;
                            else
                                delete message.op;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.at = value;
                            else
                                delete message.at;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.message = $root.sluice.v1.Message.decode(reader, reader.size(), $undefined, _depth + 1, message.message);
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.stop = value;
                            else
                                delete message.stop;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            MessageEdit.Op = (function() {
                var valuesById = $Object.create(null), values = $Object.create(valuesById);
                values[valuesById[0] = "REPLACE"] = 0;
                values[valuesById[1] = "INSERT"] = 1;
                values[valuesById[2] = "REMOVE"] = 2;
                return values;
            })();

            return MessageEdit;
        })();

        return v1;
    })();

    return sluice;
})();

/** Bytes to message and back. T is what decode gives, I what encode takes: the same, with everything optional. */
export interface Codec<T, I> {
  create(properties?: I): T
  /** @param writer - goes on writing there; a new one when left out */
  encode(message: I, writer?: $protobuf.Writer): $protobuf.Writer
  /** @throws Error when the bytes are malformed; bytes fields are views of `bytes`, not copies */
  decode(bytes: Uint8Array): T
}

export const KvOperationKind = {
  GET: 0,
  SET: 1,
  DELETE: 2,
  SWAP: 3,
  ADD: 4
} as const

export const HeaderEditOp = {
  SET: 0,
  ADD: 1,
  REMOVE: 2,
  RENAME: 3
} as const

export const MessageEditOp = {
  REPLACE: 0,
  INSERT: 1,
  REMOVE: 2
} as const

/** What on_configure gets: once for each instance, before any other hook. */
export interface ConfigureInput {
  /** name of the plugin */
  plugin: string
  /** where it is bound, e.g. "routes/orders/policies/0" */
  binding: string
  /** the binding's settings, JSON, already checked against the manifest's schema */
  settings: Uint8Array
}
export interface ConfigureInputInit {
  plugin?: string | undefined
  binding?: string | undefined
  settings?: Uint8Array | undefined
}
export const ConfigureInput: Codec<ConfigureInput, ConfigureInputInit> = $root.sluice.v1.ConfigureInput

/** What on_configure answers. A non-empty error refuses the settings: the message is for the operator. */
export interface ConfigureResult {
  error: string
  /**
   * With these settings the binding reads no more of an exchange than these fields (the manifest's names, "path", "consumer", …;
   * "none" when it reads none of them). Nothing here: what the manifest says.
   */
  input: string[]
}
export interface ConfigureResultInit {
  error?: string | undefined
  input?: readonly string[] | undefined
}
export const ConfigureResult: Codec<ConfigureResult, ConfigureResultInit> = $root.sluice.v1.ConfigureResult

/** Where the exchange stands. */
export interface Context {
  exchangeId: string
  /** name of the matched route */
  route: string
  /** name of the upstream it will go to */
  upstream: string
  /** who is calling, once an auth policy has said so */
  consumer: string
  /** path parameters, name, value, … */
  params: string[]
  /** set by policies before this one, name, value, … */
  tags: string[]
  /** what this binding stored in an earlier phase of the same exchange */
  state: Uint8Array
  /** wall clock when the phase began, Unix milliseconds */
  nowMs: number
  /** what other policies of the chain left in the bag and this one may read: "plugin.name", value, … */
  bag: string[]
}
export interface ContextInit {
  exchangeId?: string | undefined
  route?: string | undefined
  upstream?: string | undefined
  consumer?: string | undefined
  params?: readonly string[] | undefined
  tags?: readonly string[] | undefined
  state?: Uint8Array | undefined
  nowMs?: number | undefined
  bag?: readonly string[] | undefined
}
export const Context: Codec<Context, ContextInit> = $root.sluice.v1.Context

export interface Request {
  method: string
  /** "http" or "https" */
  scheme: string
  /** authority, as the client sent it */
  host: string
  /** without the query, percent-encoding in normal form (RFC 3986 section 6.2.2): "/%61%2fb" is "/a%2Fb" */
  path: string
  /** without the "?" */
  query: string
  /** only those the plugin may read */
  headers: string[]
  clientIp: string
}
export interface RequestInit {
  method?: string | undefined
  scheme?: string | undefined
  host?: string | undefined
  path?: string | undefined
  query?: string | undefined
  headers?: readonly string[] | undefined
  clientIp?: string | undefined
}
export const Request: Codec<Request, RequestInit> = $root.sluice.v1.Request

export interface Response {
  status: number
  /** only those the plugin may read */
  headers: string[]
}
export interface ResponseInit {
  status?: number | undefined
  headers?: readonly string[] | undefined
}
export const Response: Codec<Response, ResponseInit> = $root.sluice.v1.Response

/** What on_request and on_request_body get. body is set for on_request_body alone: whole, content codings removed. */
export interface RequestInput {
  context: Context | null
  request: Request | null
  body: Uint8Array
}
export interface RequestInputInit {
  context?: ContextInit | null | undefined
  request?: RequestInit | null | undefined
  body?: Uint8Array | undefined
}
export const RequestInput: Codec<RequestInput, RequestInputInit> = $root.sluice.v1.RequestInput

/** What on_response and on_response_body get. The request is the one that went upstream. */
export interface ResponseInput {
  context: Context | null
  request: Request | null
  body: Uint8Array
  response: Response | null
}
export interface ResponseInputInit {
  context?: ContextInit | null | undefined
  request?: RequestInit | null | undefined
  body?: Uint8Array | undefined
  response?: ResponseInit | null | undefined
}
export const ResponseInput: Codec<ResponseInput, ResponseInputInit> = $root.sluice.v1.ResponseInput

/**
 * What on_error gets: the exchange failed, and this is the reply the client is about to get. Not sent for a failure after the
 * head of a reply has gone out.
 */
export interface ErrorInput {
  context: Context | null
  request: Request | null
  /** the gateway's problem document: its status and headers */
  response: Response | null
  /** of the error table, e.g. "GW_UPSTREAM_TIMEOUT" */
  code: string
  /** whose fault it is: client, upstream, plugin, gateway */
  blame: string
  /** whether the same request, sent again, may succeed */
  retryable: boolean
}
export interface ErrorInputInit {
  context?: ContextInit | null | undefined
  request?: RequestInit | null | undefined
  response?: ResponseInit | null | undefined
  code?: string | undefined
  blame?: string | undefined
  retryable?: boolean | undefined
}
export const ErrorInput: Codec<ErrorInput, ErrorInputInit> = $root.sluice.v1.ErrorInput

/** What on_log gets, when the exchange is over. */
export interface LogInput {
  context: Context | null
  request: Request | null
  response: Response | null
  /** the error the exchange ended with; empty when there was none */
  code: string
  /** from accept to the last byte */
  durationUs: number
  /** of the request's body, as received */
  bytesIn: number
  /** of the reply's body, as sent */
  bytesOut: number
  /** address of the upstream's target it went to */
  target: string
}
export interface LogInputInit {
  context?: ContextInit | null | undefined
  request?: RequestInit | null | undefined
  response?: ResponseInit | null | undefined
  code?: string | undefined
  durationUs?: number | undefined
  bytesIn?: number | undefined
  bytesOut?: number | undefined
  target?: string | undefined
}
export const LogInput: Codec<LogInput, LogInputInit> = $root.sluice.v1.LogInput

/** What on_tick gets, every so often (the manifest's tickMs), on one thread at a time. */
export interface TickInput {
  /** now_ms, and the state the tick before left */
  context: Context | null
  /** how many came before it */
  tick: number
}
export interface TickInputInit {
  context?: ContextInit | null | undefined
  tick?: number | undefined
}
export const TickInput: Codec<TickInput, TickInputInit> = $root.sluice.v1.TickInput

/**
 * What on_effect gets: the answers to everything a hook asked for, together, in the order it asked. The rest is what that hook
 * got, as it is now.
 */
export interface EffectInput {
  context: Context | null
  request: Request | null
  body: Uint8Array
  /** when a response hook asked */
  response: Response | null
  /** the hook that asked, e.g. "on_request" */
  hook: string
  answers: EffectAnswer[]
}
export interface EffectInputInit {
  context?: ContextInit | null | undefined
  request?: RequestInit | null | undefined
  body?: Uint8Array | undefined
  response?: ResponseInit | null | undefined
  hook?: string | undefined
  answers?: readonly EffectAnswerInit[] | undefined
}
export const EffectInput: Codec<EffectInput, EffectInputInit> = $root.sluice.v1.EffectInput

/**
 * Something that takes I/O: the host does it and calls on_effect with the answer. Exactly one of http, kv, secret and jwks is
 * set. (No oneof: a decoder that knows only some of them must still tell that there is another.)
 */
export interface Effect {
  /** the plugin's name for it, unlike any other of the verdict; comes back in the answer */
  id: string
  http: HttpCallout | null
  kv: KvOperation | null
  /** name of a secret of the configuration */
  secret: string
  /** URL of a key set (RFC 7517), from the host's cache */
  jwks: string
  /** with jwks: a key was not there, look again (at most every so often) */
  refresh: boolean
  /** nobody waits for it: the chain goes on at once, and no answer comes */
  detached: boolean
}
export interface EffectInit {
  id?: string | undefined
  http?: HttpCalloutInit | null | undefined
  kv?: KvOperationInit | null | undefined
  secret?: string | undefined
  jwks?: string | undefined
  refresh?: boolean | undefined
  detached?: boolean | undefined
}
export const Effect: Codec<Effect, EffectInit> = $root.sluice.v1.Effect

export interface HttpCallout {
  /** name of an upstream, or empty: */
  upstream: string
  /** path and query on that upstream; without one, an absolute http or https URL */
  url: string
  /** empty: GET */
  method: string
  /** name, value, … */
  headers: string[]
  body: Uint8Array
  /** for all of it; 0: 5,000 */
  timeoutMs: number
  /** of the answer's body; 0: 65,536 */
  maxBytes: number
}
export interface HttpCalloutInit {
  upstream?: string | undefined
  url?: string | undefined
  method?: string | undefined
  headers?: readonly string[] | undefined
  body?: Uint8Array | undefined
  timeoutMs?: number | undefined
  maxBytes?: number | undefined
}
export const HttpCallout: Codec<HttpCallout, HttpCalloutInit> = $root.sluice.v1.HttpCallout

/** An operation on the remote key-value store of the configuration. Keys belong to the plugin. */
export interface KvOperation {
  kind: number
  key: string
  value: Uint8Array
  expected: Uint8Array
  /** 0: kept until deleted */
  ttlMs: number
  delta: number
}
export interface KvOperationInit {
  kind?: number | undefined
  key?: string | undefined
  value?: Uint8Array | undefined
  expected?: Uint8Array | undefined
  ttlMs?: number | undefined
  delta?: number | undefined
}
export const KvOperation: Codec<KvOperation, KvOperationInit> = $root.sluice.v1.KvOperation

export interface EffectAnswer {
  id: string
  /** empty when it worked: "timeout", "too-large", "denied", "loop", "unreachable", "not-found", "failed" */
  error: string
  /** http */
  status: number
  /** http */
  headers: string[]
  /** http: the body. kv: the value. secret, jwks: the text */
  body: Uint8Array
  /** kv: the key is there. kv SWAP: it was set */
  found: boolean
  /** kv ADD: the new number */
  number: number
}
export interface EffectAnswerInit {
  id?: string | undefined
  error?: string | undefined
  status?: number | undefined
  headers?: readonly string[] | undefined
  body?: Uint8Array | undefined
  found?: boolean | undefined
  number?: number | undefined
}
export const EffectAnswer: Codec<EffectAnswer, EffectAnswerInit> = $root.sluice.v1.EffectAnswer

/** One change to a header list. Edits are applied in order. */
export interface HeaderEdit {
  op: number
  name: string
  value: string
}
export interface HeaderEditInit {
  op?: number | undefined
  name?: string | undefined
  value?: string | undefined
}
export const HeaderEdit: Codec<HeaderEdit, HeaderEditInit> = $root.sluice.v1.HeaderEdit

/** An answer made by the plugin: the exchange ends with it, nothing (more) is sent upstream. */
export interface Reply {
  status: number
  /** name, value, … */
  headers: string[]
  body: Uint8Array
}
export interface ReplyInit {
  status?: number | undefined
  headers?: readonly string[] | undefined
  body?: Uint8Array | undefined
}
export const Reply: Codec<Reply, ReplyInit> = $root.sluice.v1.Reply

/** What a hook answers. Every field is optional: an empty Verdict lets the exchange go on unchanged. */
export interface Verdict {
  reply: Reply | null
  /** to the request in a request hook, to the response in a response hook */
  headers: HeaderEdit[]
  /** request hooks only: applied to the reply when it comes */
  responseHeaders: HeaderEdit[]
  /** request hooks */
  method: string | null
  /** request hooks; begins with "/" */
  path: string | null
  /** request hooks */
  query: string | null
  /** request hooks: another upstream of the configuration, by name */
  upstream: string | null
  /** response hooks */
  status: number | null
  /** the *_body hooks: replaces the body */
  body: Uint8Array | null
  /** request hooks: who is calling */
  consumer: string | null
  /** name, value, …: for the log and for later policies */
  tags: string[]
  /** comes back to this binding in later phases of the exchange */
  state: Uint8Array | null
  /** asks for I/O: on_effect is called with the answers, then the chain goes on */
  effects: Effect[]
  /** name, value, …: for later policies that may read it, as "plugin.name" */
  bag: string[]
}
export interface VerdictInit {
  reply?: ReplyInit | null | undefined
  headers?: readonly HeaderEditInit[] | undefined
  responseHeaders?: readonly HeaderEditInit[] | undefined
  method?: string | null | undefined
  path?: string | null | undefined
  query?: string | null | undefined
  upstream?: string | null | undefined
  status?: number | null | undefined
  body?: Uint8Array | null | undefined
  consumer?: string | null | undefined
  tags?: readonly string[] | undefined
  state?: Uint8Array | null | undefined
  effects?: readonly EffectInit[] | undefined
  bag?: readonly string[] | undefined
}
export const Verdict: Codec<Verdict, VerdictInit> = $root.sluice.v1.Verdict

/** One part of a message's content. */
export interface ContentPart {
  /** "text", "image", "audio", "file", "thinking", "refusal" */
  type: string
  /** of a file: its name */
  text: string
  /** image, audio, file: where it is (a data: URL is cut to its media type) */
  url: string
  mediaType: string
}
export interface ContentPartInit {
  type?: string | undefined
  text?: string | undefined
  url?: string | undefined
  mediaType?: string | undefined
}
export const ContentPart: Codec<ContentPart, ContentPartInit> = $root.sluice.v1.ContentPart

export interface ToolCall {
  id: string
  name: string
  /** JSON, as the model wrote it: it may be malformed */
  arguments: string
}
export interface ToolCallInit {
  id?: string | undefined
  name?: string | undefined
  arguments?: string | undefined
}
export const ToolCall: Codec<ToolCall, ToolCallInit> = $root.sluice.v1.ToolCall

export interface Message {
  /** "system", "developer", "user", "assistant", "tool" */
  role: string
  content: ContentPart[]
  name: string
  toolCalls: ToolCall[]
  /** role "tool": the call it answers */
  toolCallId: string
}
export interface MessageInit {
  role?: string | undefined
  content?: readonly ContentPartInit[] | undefined
  name?: string | undefined
  toolCalls?: readonly ToolCallInit[] | undefined
  toolCallId?: string | undefined
}
export const Message: Codec<Message, MessageInit> = $root.sluice.v1.Message

export interface Tool {
  name: string
  description: string
  /** JSON Schema, as text */
  parameters: string
}
export interface ToolInit {
  name?: string | undefined
  description?: string | undefined
  parameters?: string | undefined
}
export const Tool: Codec<Tool, ToolInit> = $root.sluice.v1.Tool

/** What the client asked of the model. */
export interface Prompt {
  /** "chat", "completion", "embedding", "image", "speech", "transcription", "rerank", "moderation" */
  operation: string
  /** as the client named it; may be virtual */
  model: string
  /** of what is no chat each text, as a user's, in order: they can be replaced, and nothing be added; of a large batch so many at once */
  messages: Message[]
  tools: Tool[]
  /** JSON object: temperature, max_tokens, … everything else of the request */
  parameters: string
  stream: boolean
  /** of the input, counted by the host; 0: not counted */
  estimatedTokens: number
}
export interface PromptInit {
  operation?: string | undefined
  model?: string | undefined
  messages?: readonly MessageInit[] | undefined
  tools?: readonly ToolInit[] | undefined
  parameters?: string | undefined
  stream?: boolean | undefined
  estimatedTokens?: number | undefined
}
export const Prompt: Codec<Prompt, PromptInit> = $root.sluice.v1.Prompt

/** on_prompt: before a target is chosen. Nothing is sent to a provider before it ends. */
export interface PromptInput {
  context: Context | null
  request: Request | null
  prompt: Prompt | null
}
export interface PromptInputInit {
  context?: ContextInit | null | undefined
  request?: RequestInit | null | undefined
  prompt?: PromptInit | null | undefined
}
export const PromptInput: Codec<PromptInput, PromptInputInit> = $root.sluice.v1.PromptInput

/** on_delta: one framed event of a stream, whole. The host parses the provider's framing; chunks are never seen. */
export interface DeltaInput {
  context: Context | null
  /** of the choice */
  index: number
  /** of the event in its stream, from 0 */
  sequence: number
  /** new text of the answer */
  text: string
  /** new text of the reasoning */
  thinking: string
  refusal: string
  /** text this plugin holds back from earlier events */
  held: string
  /** no more text comes for this choice: what is held must go out or be dropped */
  last: boolean
  /** nothing came: so long was held back as the verdict's hold_ms said */
  late: boolean
  /** with last: why the answer ended, as in Choice */
  finishReason: string
}
export interface DeltaInputInit {
  context?: ContextInit | null | undefined
  index?: number | undefined
  sequence?: number | undefined
  text?: string | undefined
  thinking?: string | undefined
  refusal?: string | undefined
  held?: string | undefined
  last?: boolean | undefined
  late?: boolean | undefined
  finishReason?: string | undefined
}
export const DeltaInput: Codec<DeltaInput, DeltaInputInit> = $root.sluice.v1.DeltaInput

/** on_tool_call: a tool call of the model, whole, before the client gets it. */
export interface ToolCallInput {
  context: Context | null
  index: number
  call: ToolCall | null
}
export interface ToolCallInputInit {
  context?: ContextInit | null | undefined
  index?: number | undefined
  call?: ToolCallInit | null | undefined
}
export const ToolCallInput: Codec<ToolCallInput, ToolCallInputInit> = $root.sluice.v1.ToolCallInput

export interface Usage {
  /** all of the input, with what was read from and written to a cache */
  inputTokens: number
  /** all of the output, with reasoning */
  outputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  reasoningTokens: number
  /** 0: no price is known */
  costMicroDollars: number
  /** counted by the gateway: the provider did not say */
  estimated: boolean
}
export interface UsageInit {
  inputTokens?: number | undefined
  outputTokens?: number | undefined
  cacheReadTokens?: number | undefined
  cacheWriteTokens?: number | undefined
  reasoningTokens?: number | undefined
  costMicroDollars?: number | undefined
  estimated?: boolean | undefined
}
export const Usage: Codec<Usage, UsageInit> = $root.sluice.v1.Usage

/** on_completion: the whole answer, of a stream when it has ended. */
export interface CompletionInput {
  context: Context | null
  provider: string
  /** that answered */
  model: string
  choices: Choice[]
  usage: Usage | null
  /** it has gone out already: a verdict can only tag and log */
  streamed: boolean
}
export interface CompletionInputInit {
  context?: ContextInit | null | undefined
  provider?: string | undefined
  model?: string | undefined
  choices?: readonly ChoiceInit[] | undefined
  usage?: UsageInit | null | undefined
  streamed?: boolean | undefined
}
export const CompletionInput: Codec<CompletionInput, CompletionInputInit> = $root.sluice.v1.CompletionInput

export interface Choice {
  message: Message | null
  /** "stop", "length", "tool_calls", "content_filter", "error" */
  finishReason: string
}
export interface ChoiceInit {
  message?: MessageInit | null | undefined
  finishReason?: string | undefined
}
export const Choice: Codec<Choice, ChoiceInit> = $root.sluice.v1.Choice

/** on_usage: what the exchange used, once, when it is known. */
export interface UsageInput {
  context: Context | null
  provider: string
  model: string
  usage: Usage | null
}
export interface UsageInputInit {
  context?: ContextInit | null | undefined
  provider?: string | undefined
  model?: string | undefined
  usage?: UsageInit | null | undefined
}
export const UsageInput: Codec<UsageInput, UsageInputInit> = $root.sluice.v1.UsageInput

/** on_ai_effect: the answers to everything an AI hook asked for, together, in the order it asked, and what that hook got, as it is now. */
export interface AiEffectInput {
  /** the hook that asked, e.g. "on_prompt"; its input, context and all, is in the field named like it */
  hook: string
  answers: EffectAnswer[]
  prompt: PromptInput | null
  delta: DeltaInput | null
  toolCall: ToolCallInput | null
  completion: CompletionInput | null
}
export interface AiEffectInputInit {
  hook?: string | undefined
  answers?: readonly EffectAnswerInit[] | undefined
  prompt?: PromptInputInit | null | undefined
  delta?: DeltaInputInit | null | undefined
  toolCall?: ToolCallInputInit | null | undefined
  completion?: CompletionInputInit | null | undefined
}
export const AiEffectInput: Codec<AiEffectInput, AiEffectInputInit> = $root.sluice.v1.AiEffectInput

/** What an AI hook answers. Every field is optional. */
export interface AiVerdict {
  /** reply, tags, consumer, state, bag and effects, as in the HTTP hooks */
  verdict: Verdict | null
  /** on_prompt: another model, or a virtual one */
  model: string | null
  /** on_prompt, on_completion */
  messages: MessageEdit[]
  /** on_prompt: JSON object merged over the parameters (RFC 7396) */
  parameters: string | null
  /** on_prompt: by name */
  removeTools: string[]
  /** on_prompt */
  addTools: Tool[]
  /** on_delta: replaces the event's text together with what was held */
  text: string | null
  /** on_delta: held back, comes again with the next event */
  hold: string | null
  /** on_tool_call: replaces the arguments */
  arguments: string | null
  /** on_delta, on_tool_call: the client does not get it */
  drop: boolean
  /** on_delta: ends the choice with finish_reason "content_filter", and the stream where no other goes on; on_completion: all replaced choices have it (one alone: MessageEdit.stop) */
  stop: boolean
  /** on_delta, with hold: on_delta is called again after so long in which nothing came; 0: only with the next event */
  holdMs: number
}
export interface AiVerdictInit {
  verdict?: VerdictInit | null | undefined
  model?: string | null | undefined
  messages?: readonly MessageEditInit[] | undefined
  parameters?: string | null | undefined
  removeTools?: readonly string[] | undefined
  addTools?: readonly ToolInit[] | undefined
  text?: string | null | undefined
  hold?: string | null | undefined
  arguments?: string | null | undefined
  drop?: boolean | undefined
  stop?: boolean | undefined
  holdMs?: number | undefined
}
export const AiVerdict: Codec<AiVerdict, AiVerdictInit> = $root.sluice.v1.AiVerdict

/** Replaces, inserts or removes one message of a list. */
export interface MessageEdit {
  op: number
  at: number
  message: Message | null
  /** on_completion, REPLACE: this choice ends with finish_reason "content_filter", whatever becomes of the others */
  stop: boolean
}
export interface MessageEditInit {
  op?: number | undefined
  at?: number | undefined
  message?: MessageInit | null | undefined
  stop?: boolean | undefined
}
export const MessageEdit: Codec<MessageEdit, MessageEditInit> = $root.sluice.v1.MessageEdit
